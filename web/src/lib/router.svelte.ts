import type { Component } from 'svelte';

export type Route = {
  /** `/places/:id/doors`: a segment with a colon is a parameter. */
  pattern: string;
  load: () => Promise<{ default: Component<never> }>;
  /** A page that fills the screen: no header, no navigation. */
  bare?: boolean;
  /** A page that says no more than the first words: nothing else is loaded before it shows. */
  first?: boolean;
  /** Whose page it is: the coordination's, or the managers' of the place in its address too. */
  only?: Whose;
};
export type Whose = 'coordination' | 'place';
export type Match = { route: Route; params: Record<string, string> };

/** The first route whose pattern is this path. */
export function match(routes: readonly Route[], path: string): Match | null {
  const steps = path.split('/').filter(Boolean);
  for (const route of routes) {
    const wanted = route.pattern.split('/').filter(Boolean);
    if (wanted.length !== steps.length) continue;
    const params: Record<string, string> = {};
    const fits = wanted.every((want, index) => {
      const step = steps[index] ?? '';
      if (!want.startsWith(':')) return want === step;
      try {
        params[want.slice(1)] = decodeURIComponent(step);
      } catch {
        return false;
      }
      return true;
    });
    if (fits) return { route, params };
  }
  return null;
}

class Address {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));

  constructor() {
    addEventListener('popstate', () => this.#read());
  }

  /** Go to an address of ours. */
  go(to: string, { replace = false } = {}): void {
    history[replace ? 'replaceState' : 'pushState'](null, '', to);
    this.#read();
    if (!replace) scrollTo(0, 0);
  }

  /** The page at `from` has got an address of its own: it is called so, and stays as it is. */
  rename(from: string, to: string): void {
    if (location.pathname === from) history.replaceState(null, '', to);
  }

  /** Change the query of this page without a new entry in the history. */
  setQuery(changes: Record<string, string>): void {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) {
      if (value) query.set(name, value);
      else query.delete(name);
    }
    const text = query.toString();
    history.replaceState(null, '', text ? `${location.pathname}?${text}` : location.pathname);
    this.query = query;
  }

  /** Follow links of ours without loading the page again. */
  readonly onclick = (event: MouseEvent): void => {
    const link = (event.target as Element | null)?.closest?.('a');
    if (
      !link ||
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    if (
      link.origin !== location.origin ||
      link.target ||
      link.hasAttribute('download') ||
      /^\/(api|docs)\b/.test(link.pathname)
    )
      return;
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    this.go(link.pathname + link.search + link.hash);
  };

  #read(): void {
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
  }
}

export const address = new Address();
export const go = address.go.bind(address);
