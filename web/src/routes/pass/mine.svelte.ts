import { answer, api, Refused, Unreachable } from '$lib/api/client.ts';
import type { MyMember, Pass } from '$lib/api/types.ts';
import { failureOf, type Failure } from '$lib/loaded.svelte.ts';
import { session } from '$lib/session.svelte.ts';
import type { KeptPass } from '$lib/store.ts';
import { serverClock } from './clock.svelte.ts';
import { canProve, forgetKey, forgetOthers, isPayerOver, keptKeys, livePass, PATIENCE } from './keys.ts';
import { keepPasses, keptPasses, pagesAreKept, worthShowing } from './kept.ts';
import { cardOf, onePerPayer, payersOf, waysOf, type Way } from './ways.ts';

const LOOKED_AT_AGAIN = 5 * 60_000;
/** Who turns to the page again, or has a network again, may have been away for long: this short a while is none. */
const JUST_NOW = 20_000;

/** My passes: first as this phone has them, then as the server says. */
export class Mine {
  /** Undefined until something is known. */
  ways = $state.raw<Way[]>();
  /** A pass that opens nothing, shown to say so where there is no other. */
  off = $state.raw<{ pass: Pass; member: MyMember }>();
  /** The server has answered. */
  fresh = $state(false);
  /** All that is shown is on this phone, and so are the pages. */
  stored = $state(false);
  /** False until it is known whether it is. */
  checked = $state(false);
  failure = $state.raw<Failure>();
  nobody = $state(false);
  member = $state.raw<MyMember>();
  #known: Pass[] = [];
  #loadedAt = 0;
  #loading: Promise<void> | undefined;

  async start(): Promise<void> {
    const [cards, keys] = await Promise.all([keptPasses(), keptKeys()]);
    for (const { issued } of keys) serverClock.recall(issued.behind);
    const ways = waysOf(cards, keys);
    if (ways.length && (!session.signedIn || session.is('member'))) {
      this.ways = ways;
      void pagesAreKept().then((yes) => (this.stored ||= yes));
    }
    await this.load();
    this.ways ??= [];
  }

  /** Ask again, where the last answer is older (milliseconds): the pass may have gone to another phone. */
  async again(older = LOOKED_AT_AGAIN): Promise<void> {
    if (document.hidden || !navigator.onLine) return;
    // Either way: the clock may have been set since.
    if (!this.fresh || Math.abs(Date.now() - this.#loadedAt) >= older) await this.load();
  }

  /** Ask again on coming back to the page, or to a network: with the answer comes the time. */
  back(): Promise<void> {
    return this.again(JUST_NOW);
  }

  load(): Promise<void> {
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #load(): Promise<void> {
    this.failure = undefined;
    try {
      const signal = AbortSignal.timeout(PATIENCE);
      const [member, { items }] = await Promise.all([
        answer(api.GET('/api/v1/me/member', { signal })),
        answer(api.GET('/api/v1/me/passes', { signal })),
      ]);
      [this.member, this.#known] = [member, items];
      const cards = await this.#cards(member);
      const [able] = await Promise.all([canProve(), forgetOthers(member.id).catch(() => undefined)]);
      const ways = await Promise.all(
        payersOf(cards).map(async (payer) => ({
          ...(await this.#onPhone(member, payer, able)),
          card: cardOf(cards, payer),
        })),
      );
      this.ways = onePerPayer(ways).filter(({ key, refusal, shortLived, card }) => key ?? refusal ?? card ?? shortLived);
      const [best] = worthShowing(items.map((pass) => ({ pass })));
      this.off = best && best.pass.state !== 'active' ? { pass: best.pass, member } : undefined;
      this.fresh = true;
      this.#loadedAt = Date.now();
      const written = await keepPasses(cards);
      const keeps = written && this.ways.some(({ key, card }) => key ?? card);
      if (keeps) void navigator.storage?.persist?.();
      this.stored = keeps && (await pagesAreKept());
      this.checked = true;
    } catch (error) {
      this.failure = failureOf(error);
      if (this.failure.kind !== 'refused') return;
      const { status } = this.failure;
      // Signed in, but no member.
      this.nobody = [403, 404].includes(status);
      // A session that was ended, from another phone perhaps, takes the pass off this one.
      if (this.nobody || status === 401) this.ways = [];
    }
  }

  /** The member wants their pass on this phone. Throws what the server refuses, and where it did not answer. */
  async take(way: Way): Promise<void> {
    if (!this.member) return;
    // What is here already is taken again where it proves nothing any more.
    if (way.key) await forgetKey(way.key);
    const got = await livePass(this.member, way.membership, { known: this.#known, move: true });
    const now: Way = { membership: way.membership, card: way.card, ...('issued' in got ? { key: got } : { refusal: got }) };
    this.ways = this.ways?.map((each) => (each.membership === way.membership ? now : each));
  }

  async #cards(member: MyMember): Promise<KeptPass[]> {
    const kept_at = new Date().toISOString();
    const wanted = worthShowing(this.#known.filter(({ form }) => form === 'card').map((pass) => ({ pass })));
    const signal = AbortSignal.timeout(PATIENCE);
    const draw = (id: string) =>
      answer(api.GET('/api/v1/passes/{pass_id}/qr.svg', { params: { path: { pass_id: id } }, parseAs: 'text', signal }));
    return Promise.all(
      wanted.map(async ({ pass }) => {
        const svg = pass.state === 'active' ? ((await draw(pass.id)) as string) : '';
        return { id: pass.id, pass, member, svg, kept_at };
      }),
    );
  }

  /** What this phone has of its own for one who pays. */
  async #onPhone(member: MyMember, membership: string | null, able: boolean): Promise<Way> {
    if (!able) return { membership, shortLived: true };
    try {
      const got = await livePass(member, membership, { known: this.#known });
      // A card names them still; whoever pays now comes in their place.
      if (membership && 'code' in got && isPayerOver(got)) return await this.#onPhone(member, null, able);
      return { membership, ...('issued' in got ? { key: got } : { refusal: got }) };
    } catch (error) {
      if (error instanceof Unreachable) throw error;
      if (error instanceof Refused) {
        const { code, detail } = error.problem;
        return code === 'too_many_tries' ? { membership, refusal: { code, detail } } : { membership };
      }
      // Nothing can be kept here now; what the page holds already still works.
      const here = this.ways?.find((way) => way.membership === membership)?.key;
      const stands = this.#known.some(({ id, state }) => id === here?.issued.pass.id && state === 'active');
      return here && stands ? { membership, key: here } : { membership, shortLived: true };
    }
  }
}
