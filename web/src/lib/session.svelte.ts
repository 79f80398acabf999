import { forgetPosterCode } from '../routes/arrive/poster-code.ts';
import { forgetPasses } from '../routes/pass/kept.ts';
import { answer, api, Refused, SIGNED_OUT } from './api/client.ts';
import type { Me, Network, Role } from './api/types.ts';
import { i18n } from './i18n/i18n.svelte.ts';

const KEPT = 'passapp.session';
const NOBODY: Me = { account: null, grants: [] };

const networkIfAny = (): Promise<Network | null> =>
  answer(api.GET('/api/v1/network')).catch((error: unknown) => {
    if (error instanceof Refused && error.problem.code === 'no_network') return null;
    throw error;
  });

/** Who is signed in, and in which network. The last answer is kept on the device, for when it starts offline. */
class Session {
  me = $state.raw<Me>(NOBODY);
  network = $state.raw<Network | null>(null);
  /** The server says that there is no network yet: nobody has claimed this deployment. */
  empty = $state(false);
  /** False until something is known, from the server or from the device. */
  known = $state(false);
  #changes = 0;

  get signedIn(): boolean {
    return this.me.account !== null;
  }

  get firstName(): string {
    return this.me.account?.name.split(' ')[0] ?? '';
  }

  is(...roles: Role[]): boolean {
    return this.me.grants.some((grant) => roles.includes(grant.role));
  }

  /** The places at which this person has one of these roles. */
  placesAs(...roles: Role[]): NonNullable<Me['grants'][number]['place']>[] {
    return this.me.grants.flatMap((grant) => (roles.includes(grant.role) && grant.place ? [grant.place] : []));
  }

  /** May change the identity card, hours, members and phones of this place. */
  manages(placeId: string): boolean {
    return this.is('coordinator') || this.placesAs('manager').some((place) => place.id === placeId);
  }

  async start(): Promise<void> {
    const kept = localStorage.getItem(KEPT);
    if (kept) {
      const { me, network } = JSON.parse(kept) as { me: Me; network: Network };
      this.me = me;
      this.network = network;
      this.empty = network === null;
      this.known = true;
    }
    addEventListener(SIGNED_OUT, () => void this.#end());
    await this.refresh();
  }

  /** Ask the server who this is; what was known stays when it cannot be reached. */
  async refresh(): Promise<void> {
    const changes = this.#changes;
    try {
      const [me, network] = await Promise.all([answer(api.GET('/api/v1/me')), networkIfAny()]);
      this.network = network;
      this.empty = network === null;
      // Somebody signed in or out while we asked: that is newer.
      if (changes === this.#changes) await (me.account ? this.become(me) : this.#end());
      else this.#keep();
    } catch {
      this.known = true;
    }
  }

  /** Somebody just signed in (or the server says who is). */
  async become(me: Me): Promise<void> {
    this.#changes += 1;
    this.me = me;
    this.known = true;
    this.#keep();
    await i18n.follow(me.account?.locale);
  }

  /** Nobody is signed in any more. What belonged to whoever was leaves this device, also when it ended from afar. */
  async #end(): Promise<void> {
    await Promise.all([forgetPasses().catch(() => undefined), this.become(NOBODY)]);
  }

  #keep(): void {
    localStorage.setItem(KEPT, JSON.stringify({ me: this.me, network: this.network }));
  }

  /**
   * Sign out. What belonged to the person leaves this device first, whatever comes next. Throws where the server could
   * not end the session.
   */
  async leave(): Promise<void> {
    // Where they were about to arrive is nobody's business who signs in next.
    forgetPosterCode();
    await forgetPasses().catch(() => undefined);
    await this.#endThere();
    await this.become(NOBODY);
  }

  /** Sign out to sign in anew: where the server could not end the session, all stays as it is. Throws as `leave`. */
  async leaveIfReached(): Promise<void> {
    await this.#endThere();
    forgetPosterCode();
    await this.#end();
  }

  async #endThere(): Promise<void> {
    try {
      await answer(api.DELETE('/api/v1/session'));
    } catch (error) {
      // 401: it had ended already.
      if (!(error instanceof Refused && error.status === 401)) throw error;
    }
  }
}

export const session = new Session();
