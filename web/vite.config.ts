import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { brotli } from './plugins/brotli.ts';
import { serviceWorker } from './plugins/service-worker.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const api = { target: process.env.PASSAPP_API ?? 'http://localhost:8000', changeOrigin: false };

export default defineConfig({
  plugins: [svelte(), serviceWorker(here('./src/service-worker.js')), brotli()],
  resolve: {
    alias: {
      $lib: here('./src/lib'),
      // One file of sentences for the server and the door page (door.md, Verdicts).
      $verdicts: here('../passapp/door/verdicts.json'),
    },
    // Svelte's browser build, also under vitest.
    conditions: process.env.VITEST ? ['browser'] : undefined,
  },
  build: {
    target: 'es2022',
    // The page's content policy forbids data: fonts and inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  worker: { format: 'es' },
  server: {
    proxy: { '/api': api, '/.well-known': api, '/health': api, '/openapi.json': api },
    fs: { allow: [here('.'), here('../passapp/door')] },
  },
  test: {
    include: ['tests/**/*.test.ts'],
    environment: 'node',
    // Times are shown in the reader's zone: pin it, so that the tests do not depend on the machine.
    env: { TZ: 'Europe/Paris' },
  },
});
