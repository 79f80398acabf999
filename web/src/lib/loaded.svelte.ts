import { Refused, Unreachable } from './api/client.ts';
import type { Problem } from './api/types.ts';
import { i18n } from './i18n/i18n.svelte.ts';
import { setEnglish, setFrench } from './i18n/typeset.ts';

export type Failure =
  | { kind: 'offline' }
  | { kind: 'refused'; code: string; detail: string; status: number; errors: Problem['errors'] & object }
  | { kind: 'unknown' };

/** What went wrong, in a form a page can show. The server writes its sentences plainly, as the dictionaries do. */
export function failureOf(error: unknown): Failure {
  const set = i18n.language === 'fr' ? setFrench : setEnglish;
  if (error instanceof Unreachable) return { kind: 'offline' };
  if (error instanceof Refused)
    return {
      kind: 'refused',
      code: error.problem.code,
      detail: set(error.problem.detail),
      status: error.status,
      errors: (error.problem.errors ?? []).map((each) => ({ ...each, detail: set(each.detail) })),
    };
  console.error(error);
  return { kind: 'unknown' };
}

/** Something a page asks for: its value, whether it is on its way, and what went wrong. */
export class Loaded<T> {
  value = $state.raw<T>();
  failure = $state.raw<Failure>();
  loading = $state(true);
  #asked = 0;
  #ask: () => Promise<T>;

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
    void this.again();
  }

  /** Ask again; an older answer that arrives late is dropped. */
  async again(): Promise<void> {
    const asked = ++this.#asked;
    this.loading = true;
    try {
      const value = await this.#ask();
      if (asked !== this.#asked) return;
      this.value = value;
      this.failure = undefined;
    } catch (error) {
      if (asked !== this.#asked) return;
      this.failure = failureOf(error);
    } finally {
      if (asked === this.#asked) this.loading = false;
    }
  }
}

/**
 * What the server said is wrong with one field (`/given_name`), for the form to show beside it; `ours`: the words where a
 * validator refused its value.
 */
export function wrongAt(
  failure: Failure | undefined,
  pointer: string,
  ours?: string,
): string | undefined {
  if (failure?.kind !== 'refused') return undefined;
  const error = failure.errors.find((each) => each.pointer === pointer);
  return error && failure.code === 'invalid_request' ? (ours ?? error.detail) : error?.detail;
}
