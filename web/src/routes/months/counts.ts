import type { Counts } from '$lib/api/types.ts';

export type PlaceRef = Counts['rows'][number]['home'];
export type Matrix = {
  homes: PlaceRef[];
  hosts: PlaceRef[];
  /** Visits by `home id` and `host id`. */
  cells: Map<string, Map<string, number>>;
  byHome: Map<string, number>;
  byHost: Map<string, number>;
  most: number;
};

/** The counts of a month as a table: a row per home, a column per host, both by name. */
export function matrixOf(rows: Counts['rows'], language: string): Matrix {
  const homes = new Map<string, PlaceRef>();
  const hosts = new Map<string, PlaceRef>();
  const cells: Matrix['cells'] = new Map();
  const byHome = new Map<string, number>();
  const byHost = new Map<string, number>();
  let most = 0;
  for (const { home, host, visits } of rows) {
    homes.set(home.id, home);
    hosts.set(host.id, host);
    const line = cells.get(home.id) ?? new Map<string, number>();
    line.set(host.id, (line.get(host.id) ?? 0) + visits);
    cells.set(home.id, line);
    byHome.set(home.id, (byHome.get(home.id) ?? 0) + visits);
    byHost.set(host.id, (byHost.get(host.id) ?? 0) + visits);
    most = Math.max(most, line.get(host.id) ?? 0);
  }
  const byName = (one: PlaceRef, other: PlaceRef) => one.name.localeCompare(other.name, language);
  return {
    homes: [...homes.values()].sort(byName),
    hosts: [...hosts.values()].sort(byName),
    cells,
    byHome,
    byHost,
    most,
  };
}

/** One of five shades for a cell. */
export const shade = (visits: number, most: number): number =>
  visits === 0 || most === 0 ? 0 : Math.max(1, Math.ceil((5 * visits) / most));

/** The counts as a spreadsheet reads them in France; text that a spreadsheet would run as a formula is neutralised. */
export function toCsv(rows: Counts['rows'], titles: readonly [string, string, string]): string {
  const cell = (text: string) => {
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[;"\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = [
    titles.map(cell).join(';'),
    ...rows.map(({ home, host, visits }) => [cell(home.name), cell(host.name), visits].join(';')),
  ];
  return `\ufeff${lines.join('\r\n')}\r\n`;
}

/** How a month's state reads: one that is over is no longer running, though its counts may still be open. */
export const stateShown = (month: string, state: string, thisMonth: string): string =>
  state === 'open' && month < thisMonth ? 'ended' : state;
