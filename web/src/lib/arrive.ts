import type { Me } from './api/types.ts';
import { safeNext } from './next.ts';
import { address, go } from './router.svelte.ts';
import { session } from './session.svelte.ts';

/** Somebody has just signed in, in whichever way: on to where they were going, else to what they most likely want. */
export async function arrive(me: Me, wanted = address.query.get('next')): Promise<void> {
  const next = safeNext(wanted);
  await session.become(me);
  const onlyMember = session.is('member') && me.grants.every((grant) => grant.role === 'member');
  go(next === '/' && onlyMember ? '/pass' : next, { replace: true });
}
