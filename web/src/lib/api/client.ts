import createClient from 'openapi-fetch';
import type { paths } from './schema.d.ts';
import type { Problem } from './types.ts';

/** The server answered, and refused: `problem.code` is stable, `problem.detail` is for the person. */
export class Refused extends Error {
  constructor(
    readonly problem: Problem,
    readonly status: number,
  ) {
    super(problem.detail);
  }
}

/** No answer came: offline, a timeout, or a gateway that is not our server. */
export class Unreachable extends Error {}

const withLanguage = (request: Request): Request => {
  request.headers.set('Accept-Language', document.documentElement.lang || 'fr');
  return request;
};

/** Tells whoever listens that the person's session has ended. */
export const SIGNED_OUT = 'passapp:signed-out';

/** The API as the signed-in person (their session cookie). */
export const api = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? '',
  async fetch(request) {
    const response = await fetch(withLanguage(request));
    if (response.status === 401) dispatchEvent(new Event(SIGNED_OUT));
    return response;
  },
});

/** The API as a paired door. Every request gives up after `patience` milliseconds. */
export const doorApi = (token: string, patience: number) =>
  createClient<paths>({
    baseUrl: globalThis.location?.origin ?? '',
    headers: { Authorization: `Bearer ${token}` },
    // A door speaks for a place, not for whoever is signed in on this phone.
    credentials: 'omit',
    fetch: (request) => fetch(withLanguage(request), { signal: AbortSignal.timeout(patience) }),
  });

type Answered<T> = { data?: T; error?: unknown; response: Response };

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' &&
  body !== null &&
  typeof (body as Problem).code === 'string' &&
  typeof (body as Problem).detail === 'string';

/** The body of a good answer; throws `Refused` or `Unreachable`. */
export async function answer<T>(asked: Promise<Answered<T>>): Promise<T> {
  let got: Answered<T>;
  try {
    got = await asked;
  } catch (cause) {
    throw new Unreachable('no answer', { cause });
  }
  if (got.response.ok) return got.data as T;
  if (isProblem(got.error)) throw new Refused(got.error, got.response.status);
  throw new Unreachable(`not our server's answer (${got.response.status})`);
}

/** All of a list that the server answers a page at a time. */
export async function everyPage<T>(
  ask: (query: { limit: number; cursor?: string }) => Promise<Answered<{ items: T[]; next?: string | null }>>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await answer(ask({ limit: 200, ...(cursor && { cursor }) }));
    items.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor);
  return items;
}

/** What `If-Match` says for the version that was seen. */
export const ifMatch = (version: number) => `"${version}"`;
