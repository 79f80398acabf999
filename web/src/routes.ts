import type { Route } from './lib/router.svelte.ts';

export const routes: readonly Route[] = [
  { pattern: '/', load: () => import('./routes/home/Home.svelte') },
  { pattern: '/demo/:role', load: () => import('./routes/demo/Demo.svelte') },
  { pattern: '/sign-in', load: () => import('./routes/sign-in/SignIn.svelte') },
  { pattern: '/start', load: () => import('./routes/start/Start.svelte') },
  { pattern: '/pass', load: () => import('./routes/pass/PassPage.svelte') },
  { pattern: '/door', load: () => import('./routes/door/DoorPage.svelte'), bare: true },
  { pattern: '/places', load: () => import('./routes/places/Directory.svelte') },
  { pattern: '/places/new', load: () => import('./routes/places/NewPlace.svelte') },
  { pattern: '/places/:id', load: () => import('./routes/places/PlacePage.svelte') },
  { pattern: '/places/:id/edit', load: () => import('./routes/places/EditPlace.svelte') },
  { pattern: '/places/:id/hours', load: () => import('./routes/places/EditHours.svelte') },
  { pattern: '/places/:id/today', load: () => import('./routes/today/Today.svelte') },
  { pattern: '/places/:id/doors', load: () => import('./routes/doors/Doors.svelte') },
  { pattern: '/places/:id/statements/:month', load: () => import('./routes/statements/StatementPage.svelte') },
  { pattern: '/members', load: () => import('./routes/members/Members.svelte') },
  { pattern: '/members/new', load: () => import('./routes/members/NewMember.svelte') },
  { pattern: '/members/import', load: () => import('./routes/members/Import.svelte') },
  { pattern: '/members/:id', load: () => import('./routes/members/MemberPage.svelte') },
  { pattern: '/months', load: () => import('./routes/months/Months.svelte') },
  { pattern: '/months/:month', load: () => import('./routes/months/Months.svelte') },
];
