import { answer, api } from '../api/client.ts';
import type { Quote } from '../api/types.ts';
import { failureOf, type Failure } from '../loaded.svelte.ts';
import { unclearTime, type Unclear, type When } from './refusal.ts';
import { later, minutesBetween } from './when.ts';

/** What somebody is about to book of a room, and what it would come to: asked anew whenever it changes. */
export class Asking {
  start = $state('');
  end = $state('');
  people = $state(1);
  quote = $state.raw<Quote>();
  unclear = $state.raw<Unclear>();
  failure = $state.raw<Failure>();
  /** Said with its offset where the clocks show a time twice. */
  #exact = $state.raw<Partial<Record<When, { local: string; instant: string }>>>({});
  #asked = 0;

  constructor(
    readonly room: number,
    wanted: { start: string; end: string; people: number },
  ) {
    Object.assign(this, wanted);
  }

  /** What is sent: the wall time, or the instant that the person chose for it. */
  get wanted() {
    return { start: this.#sent('start'), end: this.#sent('end'), people: this.people };
  }

  #sent(field: When): string {
    const exact = this.#exact[field];
    return exact?.local === this[field] ? exact.instant : this[field];
  }

  /** The person says which one they mean; a start that the clocks move takes the end along. */
  choose(field: When, instant: string): void {
    const local = instant.slice(0, 16);
    if (field === 'start') this.end = later(this.end, minutesBetween(this.start, local));
    this[field] = local;
    this.#exact = { ...this.#exact, [field]: { local, instant } };
  }

  async ask(): Promise<void> {
    const asked = ++this.#asked;
    this.failure = this.unclear = undefined;
    try {
      const quote = await answer(
        api.POST('/api/v1/resources/{resource_id}/quote', {
          params: { path: { resource_id: this.room } },
          body: this.wanted,
        }),
      );
      if (asked === this.#asked) this.quote = quote;
    } catch (error) {
      if (asked !== this.#asked) return;
      this.quote = undefined;
      this.unclear = unclearTime(error);
      if (!this.unclear) this.failure = failureOf(error);
    }
  }
}
