// The shell and its files, kept for when there is no network. Never the API: its answers are not ours to keep.
const OURS = 'passapp-';
const KEPT = OURS + __BUILD__;
const SHELL = '/';
const FILES = [SHELL, '/manifest.webmanifest', '/icon.svg', ...__FILES__];

// Too big to fetch with the shell: kept by the devices that are doors, or that used it in the build before.
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

// A page of the build before may still be open, with no network to fetch what it has not loaded yet: keep that one too.
const forgetOlder = async () => {
  const names = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== KEPT);
  await Promise.all(names.slice(0, -1).map((name) => caches.delete(name)));
};

self.addEventListener('activate', (event) => event.waitUntil(forgetOlder().then(() => self.clients.claim())));

// A door asks whether it has all that it needs with no network: what is missing is fetched now.
const keepDoor = async () => {
  const cache = await caches.open(KEPT);
  const missing = [];
  for (const file of [...FILES, ...DECODER]) if (!(await cache.match(file))) missing.push(file);
  await cache.addAll(missing.map((file) => new Request(file, { cache: 'reload' })));
};

self.addEventListener('message', (event) => {
  if (event.data !== 'keep-door') return;
  const [port] = event.ports;
  event.waitUntil(
    keepDoor().then(
      () => port?.postMessage(true),
      () => port?.postMessage(false),
    ),
  );
});

const keepCopy = async (request) => {
  const answer = await fetch(request);
  if (answer.ok && new URL(request.url).pathname.startsWith('/assets/')) {
    const cache = await caches.open(KEPT);
    await cache.put(request, answer.clone());
  }
  return answer;
};

const shell = async (request) => (await (await caches.open(KEPT)).match(SHELL)) ?? fetch(request);

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (request.mode === 'navigate') {
    if (/^\/(api|docs|redoc|openapi\.json|health|metrics|feeds|\.well-known)\b/.test(pathname)) return;
    event.respondWith(shell(request));
    return;
  }
  if (pathname.startsWith('/assets/') || FILES.includes(pathname)) {
    event.respondWith(caches.match(request).then((kept) => kept ?? keepCopy(request)));
  }
});
