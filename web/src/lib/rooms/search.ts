import { isWall, minutesBetween, usualWhen } from './when.ts';

export const KINDS = ['room', 'desk', 'equipment'] as const;
export type Kind = (typeof KINDS)[number];

/** Where: near their own place, near this phone, in the whole network, or at one place (its id). */
export const NEAR_HOME = 'home';
export const NEAR_ME = 'me';
export const ANYWHERE = 'all';

/** What somebody looks for. `start` and `end` are on the clocks of each place. */
export type Search = {
  start: string;
  end: string;
  people: number;
  where: string;
  kind: Kind | '';
  features: string[];
  flexible: number;
};

const MOST_PEOPLE = 10_000;
const LONGEST = 24 * 60;
export const FLEXIBLE = 120;

/** The search that an address holds; what it does not say is as usual. */
export function searchFrom(query: URLSearchParams, today: string): Search {
  const [start, end] = [query.get('start'), query.get('end')];
  const lasts = isWall(start) && isWall(end) ? minutesBetween(start, end) : 0;
  const when = isWall(start) && isWall(end) && lasts > 0 && lasts <= LONGEST ? { start, end } : usualWhen(today);
  const people = Number(query.get('people'));
  const kind = KINDS.find((each) => each === query.get('kind')) ?? '';
  return {
    ...when,
    people: Number.isInteger(people) && people >= 1 && people <= MOST_PEOPLE ? people : 2,
    where: query.get('where') || NEAR_HOME,
    kind,
    features: (query.get('features') ?? '').split(',').filter(Boolean),
    flexible: query.get('flexible') ? FLEXIBLE : 0,
  };
}

/** The address that holds a search: what is as usual is left out. */
export const addressOf = (search: Search): string => `/rooms?${queryOf(search)}`;

/** The address of a room's page at that time; it holds the search from which somebody came. */
export const roomAt = (id: number, search: Search): string => `/rooms/${id}?${queryOf(search)}`;

/** The same, where nobody searched. */
export const roomThen = (id: number, start: string, end: string, people: number): string =>
  roomAt(id, { start, end, people, where: NEAR_HOME, kind: '', features: [], flexible: 0 });

function queryOf(search: Search): URLSearchParams {
  const query = new URLSearchParams({ start: search.start, end: search.end, people: String(search.people) });
  if (search.where !== NEAR_HOME) query.set('where', search.where);
  if (search.kind) query.set('kind', search.kind);
  if (search.features.length) query.set('features', search.features.join(','));
  if (search.flexible) query.set('flexible', String(search.flexible));
  return query;
}

/** Further than that is no place nearby. */
export const FAR_KM = 100;

/** What is nearby, or of which nobody knows how far it is, and what is further away; in their order. All is nearby where nothing else is. */
export function byDistance<Far extends { distance_km: number | null }>(items: readonly Far[]): [near: Far[], far: Far[]] {
  const near = items.filter(({ distance_km }) => (distance_km ?? 0) <= FAR_KM);
  return near.length ? [near, items.filter((each) => !near.includes(each))] : [[...items], []];
}

export type Position = { latitude: number; longitude: number };

/** What the server is asked: what is free then. */
export const asked = (search: Search, home: string | undefined, here: Position | undefined) => ({
  start: search.start,
  end: search.end,
  ...(search.flexible && { flexible: search.flexible }),
  ...fitting(search, home, here),
});

/** The same of a day, free or not. */
export const askedOfDay = (search: Search, home: string | undefined, here: Position | undefined) => ({
  day: search.start.slice(0, 10),
  ...fitting(search, home, here),
});

/** What would do; `home`: their own place; `here`: where this phone is. */
function fitting({ people, kind, features, where }: Search, home: string | undefined, here: Position | undefined) {
  const near = where === NEAR_HOME ? home && { near: home } : where === NEAR_ME ? here : undefined;
  const place = [NEAR_HOME, NEAR_ME, ANYWHERE].includes(where) ? undefined : { place: [where] };
  return {
    people,
    limit: 50,
    ...(kind && { kind }),
    ...(features.length && { features }),
    ...near,
    ...place,
  };
}
