import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

/** The map and what comes with it: nothing without a network, and kept once somebody asked for it. */
const ONLY_ASKED = /\/(RoomMap|layers|layers-2x|marker-icon)-[^/]+$/;

/**
 * Writes `service-worker.js` from our own source, with the files of this build and a name for it: `__FILES__` (all that
 * is kept with the shell), `__DECODER__` (kept once it was used) and `__BUILD__` are replaced.
 */
export function serviceWorker(source: string): Plugin {
  return {
    name: 'passapp-service-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const addresses = Object.keys(bundle)
        .filter((name) => name.startsWith('assets/') && !name.endsWith('.map'))
        .map((name) => `/${name}`)
        .sort();
      const decoder = addresses.filter((address) => address.endsWith('.wasm'));
      const files = addresses.filter((address) => !decoder.includes(address) && !ONLY_ASKED.test(address));
      const digest = createHash('sha256');
      for (const name of Object.keys(bundle).sort()) {
        const output = bundle[name];
        digest.update(name).update(output?.type === 'chunk' ? output.code : (output?.source ?? ''));
      }
      this.emitFile({
        type: 'asset',
        fileName: 'service-worker.js',
        source: readFileSync(source, 'utf8')
          .replace('__FILES__', JSON.stringify(files))
          .replace('__DECODER__', JSON.stringify(decoder))
          .replace('__BUILD__', JSON.stringify(digest.digest('hex').slice(0, 12))),
      });
    },
  };
}
