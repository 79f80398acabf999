import { expect, test, vi } from 'vitest';

vi.stubGlobal('location', { pathname: '/', search: '', origin: 'http://localhost' });
vi.stubGlobal('addEventListener', () => undefined);
const { match } = await import('../../src/lib/router.svelte.ts');
const { routes } = await import('../../src/routes.ts');

test.each([
  ['/', '/', {}],
  ['/places/new', '/places/new', {}],
  ['/places/42', '/places/:id', { id: '42' }],
  ['/places/42/doors/', '/places/:id/doors', { id: '42' }],
  ['/members/import', '/members/import', {}],
  ['/months/2026-10', '/months/:month', { month: '2026-10' }],
  ['/demo/door', '/demo/:role', { role: 'door' }],
])('%s is the page %s', (path, pattern, params) => {
  const found = match(routes, path);
  expect(found?.route.pattern).toBe(pattern);
  expect(found?.params).toEqual(params);
});

test('an address that is none of ours, or badly written, is no page', () => {
  expect(match(routes, '/nowhere')).toBeNull();
  expect(match(routes, '/places/%E0%A4%A')).toBeNull();
});
