import type { Participant } from '$lib/api/types.ts';

export type Cell = { home: Participant; host: Participant; value: number };
export type Matrix = {
  homes: Participant[];
  hosts: Participant[];
  /** Values by the codes of home and host. */
  cells: Map<string, Map<string, number>>;
  byHome: Map<string, number>;
  byHost: Map<string, number>;
  most: number;
  total: number;
};

/** Values as a table: a row per home, a column per host, both by name. Rows and columns without a value are left out. */
export function matrixOf(given: readonly Cell[], language: string): Matrix {
  const homes = new Map<string, Participant>();
  const hosts = new Map<string, Participant>();
  const cells: Matrix['cells'] = new Map();
  const byHome = new Map<string, number>();
  const byHost = new Map<string, number>();
  let most = 0;
  let total = 0;
  for (const { home, host, value } of given) {
    if (value === 0) continue;
    homes.set(home.code, home);
    hosts.set(host.code, host);
    const line = cells.get(home.code) ?? new Map<string, number>();
    line.set(host.code, value);
    cells.set(home.code, line);
    byHome.set(home.code, (byHome.get(home.code) ?? 0) + value);
    byHost.set(host.code, (byHost.get(host.code) ?? 0) + value);
    most = Math.max(most, value);
    total += value;
  }
  const byName = (one: Participant, other: Participant) => one.name.localeCompare(other.name, language);
  return {
    homes: [...homes.values()].sort(byName),
    hosts: [...hosts.values()].sort(byName),
    cells,
    byHome,
    byHost,
    most,
    total,
  };
}

/** One of five shades for a cell. */
export const shade = (value: number, most: number): number =>
  value <= 0 || most === 0 ? 0 : Math.max(1, Math.ceil((5 * value) / most));
