import { answer, doorApi, Unreachable } from '$lib/api/client.ts';
import { bodyOf, sendDeed } from './body.ts';
import type { Clock } from './clock.ts';
import type { Post } from './queue.ts';

/** A request goes on for so long, in milliseconds, though a door shows its own verdict sooner. */
const ONE_ANSWERS_WITHIN = 4000;
const MANY_ANSWER_WITHIN = 30_000;
/** What a host typed has no other answer: they wait for it. */
const TYPED_ANSWERS_WITHIN = 20_000;

/** A door's line to the server; `tell` hears whether it could be reached, whatever the browser says of the network. */
export class Link {
  readonly api;
  /** The same for what was typed, with more patience. */
  readonly typed;
  readonly post: Post;

  constructor(
    token: string,
    private readonly tell: (reached: boolean) => void,
    clock: () => Clock,
  ) {
    const api = doorApi(token, ONE_ANSWERS_WITHIN);
    const bulk = doorApi(token, MANY_ANSWER_WITHIN);
    this.api = api;
    this.typed = doorApi(token, TYPED_ANSWERS_WITHIN);
    this.post = {
      one: (scan) => this.reach(answer(api.POST('/api/v1/check-ins', { body: bodyOf(scan, clock()) }))),
      many: async (scans) => {
        const now = clock();
        const body = { items: scans.map((scan) => bodyOf(scan, now)) };
        return (await this.reach(answer(bulk.POST('/api/v1/check-ins/batch', { body })))).outcomes;
      },
      deed: (deed) => this.reach(sendDeed(api, deed, clock())),
    };
  }

  async reach<T>(asked: Promise<T>): Promise<T> {
    try {
      const given = await asked;
      this.tell(true);
      return given;
    } catch (error) {
      this.tell(!(error instanceof Unreachable));
      throw error;
    }
  }
}
