/** Builds the page on which `tests/browser/test_verdicts.py` looks at every verdict. */
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import app from '../../vite.config.ts';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [svelte({ configFile: fileURLToPath(new URL('../../svelte.config.js', import.meta.url)) })],
  resolve: app.resolve,
  build: { target: 'es2022', modulePreload: { polyfill: false }, minify: false },
  worker: { format: 'es' },
});
