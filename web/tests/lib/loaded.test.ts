import { expect, test, vi } from 'vitest';
import { Refused } from '../../src/lib/api/client.ts';

vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined });
const { failureOf, wrongAt } = await import('../../src/lib/loaded.svelte.ts');

test('what the server says is set like the rest of the page', () => {
  const errors = [{ pointer: '/name', detail: "C'est trop long : 70 signes !" }];
  const problem = { type: 'about:blank', title: 'Conflict', status: 409, code: 'paid', detail: "C'est payé : rien à faire.", errors };
  const failure = failureOf(new Refused(problem, 409));
  expect(failure).toMatchObject({ kind: 'refused', detail: 'C’est payé\u00a0: rien à faire.' });
  expect(wrongAt(failure, '/name')).toBe('C’est trop long\u00a0: 70 signes\u202f!');
});
