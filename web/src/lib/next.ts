const LONGEST = 500;
const NO_PAGES = ['api', 'sign-in'];
const PRINTABLE_PATH = /^\/[!-[\]-~]*$/; // ASCII without spaces, and without the backslash

/**
 * Where to go after signing in: a path of this site, else `/` (the server's `safe_next` does the same). Browsers read
 * `//host` and a backslash as another site, drop tabs and line ends before they look, and take `..` out of a path, also
 * when it is written `%2e%2e`. A page, so nothing of the API; and no fragment: it holds secrets of links.
 */
export function safeNext(text: string | null): string {
  if (text === null || text.length > LONGEST || !PRINTABLE_PATH.test(text)) return '/';
  const [path = ''] = text.split('?', 1);
  const steps = path.toLowerCase().replaceAll('%2e', '.').split('/').slice(1);
  const isClear = !steps.slice(0, -1).includes('') && !steps.includes('.') && !steps.includes('..');
  return isClear && !text.includes('#') && !NO_PAGES.includes(steps[0] ?? '') ? text : '/';
}

/** The sign-in page, which comes back to that path. */
export function signInPath(next: string): string {
  const path = safeNext(next);
  return path === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(path)}`;
}
