import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { brotli } from './plugins/brotli.ts';
import { serviceWorker } from './plugins/service-worker.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const api = { target: process.env.PASSAPP_API ?? 'http://localhost:8000', changeOrigin: false };

/** Svelte's own code, and what stands round every page. */
const SHELL = [
  /\/svelte\/src\/(internal\/(client|shared)\/|index-client|constants)/,
  /\/src\/lib\/(api\/client|i18n\/(i18n\.svelte|dates|french)|loaded\.svelte|next|router\.svelte|session\.svelte|store)\.ts/,
  /\/src\/lib\/ui\/(Icon|Notice|Page|Wrong|said)\.svelte/,
];

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
    rolldownOptions: {
      output: {
        // What every page stands on is one file: split by who uses what, its pieces compress worse, and the pass and the
        // door wait for each of them.
        codeSplitting: {
          groups: [{ name: 'shell', test: (id) => SHELL.some((each) => each.test(id)) }],
        },
      },
    },
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
