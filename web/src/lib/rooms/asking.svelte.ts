import { answer, api } from '../api/client.ts';
import type { FreeRoom, Quote } from '../api/types.ts';
import { failureOf, type Failure } from '../loaded.svelte.ts';
import { unclearTime, type Taken, type Unclear, type When } from './refusal.ts';
import { later, minutesBetween } from './when.ts';

export type Wanted = { start: string; end: string; people: number };

const same = (one: Wanted, other: Wanted) => JSON.stringify(one) === JSON.stringify(other);

/** What somebody is about to book of a room, and what it would come to: asked anew whenever it changes. */
export class Asking {
  start = $state('');
  end = $state('');
  people = $state(1);
  unclear = $state.raw<Unclear>();
  failure = $state.raw<Failure>();
  /** Said with its offset where the clocks show a time twice. */
  #exact = $state.raw<Partial<Record<When, { local: string; instant: string }>>>({});
  #asked = 0;
  /** What was answered, and of what: an answer to what is wanted no more is no answer. */
  #answered = $state.raw<{ of: Wanted; quote?: Quote; taken?: Taken }>();

  constructor(
    readonly room: number,
    wanted: Wanted,
    /** The booking that would move there, if it is one. */
    readonly booking?: string,
  ) {
    Object.assign(this, wanted);
  }

  /** What just this would come to; nothing while that is being asked. */
  get quote(): Quote | undefined {
    return this.#now?.quote;
  }

  /** Where just this is taken: what to take instead. */
  get taken(): Taken | undefined {
    return this.#now?.taken;
  }

  get #now() {
    return this.#answered && same(this.#answered.of, this.wanted) ? this.#answered : undefined;
  }

  /** What is sent: the wall time, or the instant that the person chose for it. */
  get wanted(): Wanted {
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

  /** Ask what it comes to; and where it is taken, `others`: what else is free then. */
  async ask(others?: (wanted: Wanted) => Promise<FreeRoom[]>): Promise<void> {
    const asked = ++this.#asked;
    const of = this.wanted;
    this.failure = this.unclear = undefined;
    try {
      const quote = await answer(
        api.POST('/api/v1/resources/{resource_id}/quote', {
          params: { path: { resource_id: this.room } },
          body: this.booking ? { ...of, booking_id: this.booking } : of,
        }),
      );
      if (asked !== this.#asked) return;
      this.#answered = { of, quote };
      if (quote.is_free || quote.problems.length) return;
      this.tell(of, { next_free: quote.next_free, alternatives: [] });
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#answered = undefined;
      this.unclear = unclearTime(error);
      if (!this.unclear) this.failure = failureOf(error);
      return;
    }
    const alternatives = (await others?.(of).catch(() => undefined)) ?? [];
    if (asked === this.#asked && this.taken) this.tell(of, { ...this.taken, alternatives });
  }

  /** It is taken, as the server says: of something that is wanted no more, nothing is said. */
  tell(of: Wanted, taken: Taken): void {
    if (same(of, this.wanted)) this.#answered = { of, quote: this.quote, taken };
  }
}
