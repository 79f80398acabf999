// The shell and its files, kept for when there is no network. Never the API: its answers are not ours to keep.
const KEPT = 'passapp-' + __BUILD__;
const SHELL = '/';
const FILES = [SHELL, '/manifest.webmanifest', '/icon.svg', ...__FILES__];

// Too big to fetch with the shell: kept by the devices that use it, and by those that used it in the build before.
const DECODER = __DECODER__;

const usedDecoder = async () => {
  for (const name of await caches.keys()) {
    const kept = await (await caches.open(name)).keys();
    if (kept.some(({ url }) => url.endsWith('.wasm'))) return true;
  }
  return false;
};

const install = async () => {
  const files = (await usedDecoder()) ? [...FILES, ...DECODER] : FILES;
  const cache = await caches.open(KEPT);
  await cache.addAll(files.map((file) => new Request(file, { cache: 'reload' })));
  await self.skipWaiting();
};

self.addEventListener('install', (event) => event.waitUntil(install()));

self.addEventListener('activate', (event) =>
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  ),
);

const keepCopy = async (request) => {
  const answer = await fetch(request);
  if (answer.ok && new URL(request.url).pathname.startsWith('/assets/')) {
    const cache = await caches.open(KEPT);
    await cache.put(request, answer.clone());
  }
  return answer;
};

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (request.mode === 'navigate') {
    if (/^\/(api|docs|redoc|openapi\.json|health|metrics|feeds|\.well-known)\b/.test(pathname)) return;
    event.respondWith(caches.match(SHELL).then((shell) => shell ?? fetch(request)));
    return;
  }
  if (pathname.startsWith('/assets/') || FILES.includes(pathname)) {
    event.respondWith(caches.match(request).then((kept) => kept ?? keepCopy(request)));
  }
});
