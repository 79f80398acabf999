import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import type { Plugin } from 'vite';

/** Pictures and fonts are compressed already. */
const TEXTS = /\.(css|js|json|svg|wasm)$/;

/**
 * Writes each file of the build a second time, compressed as well as can be (`app.js.br`): the server sends it to browsers
 * that take Brotli, a sixth less than what it could compress while somebody waits.
 */
export function brotli(): Plugin {
  return {
    name: 'passapp-brotli',
    apply: 'build',
    enforce: 'post',
    writeBundle({ dir = '' }) {
      const folder = join(dir, 'assets');
      for (const name of readdirSync(folder).filter((each) => TEXTS.test(each))) {
        const content = readFileSync(join(folder, name));
        const smaller = brotliCompressSync(content, {
          params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length, [constants.BROTLI_PARAM_QUALITY]: 11 },
        });
        if (smaller.length < content.length) writeFileSync(join(folder, `${name}.br`), smaller);
      }
    },
  };
}
