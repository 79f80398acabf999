import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { serviceWorker } from '../../plugins/service-worker.ts';

type Emitted = { fileName: string; source: string };
const source = fileURLToPath(new URL('../../src/service-worker.js', import.meta.url));

function written(bundle: Record<string, { type: 'chunk'; code: string } | { type: 'asset'; source: string }>): string {
  const emitted: Emitted[] = [];
  const { generateBundle } = serviceWorker(source);
  (generateBundle as unknown as (options: object, files: object) => void).call(
    { emitFile: (file: Emitted) => emitted.push(file) },
    {},
    bundle,
  );
  return emitted[0]?.source ?? '';
}

test('fetches a map for nobody who did not ask for one', () => {
  const chunk = { type: 'chunk', code: '1' } as const;
  const worker = written({ 'assets/a.js': chunk, 'assets/RoomMap-B1_x.js': chunk, 'assets/RoomMap-C2.css': chunk });
  expect(worker).toContain('["/assets/a.js"]');
});

test('keeps every built file with the shell, but the decoder apart', () => {
  const worker = written({
    'index.html': { type: 'asset', source: '' },
    'assets/a.js': { type: 'chunk', code: '1' },
    'assets/reader.wasm': { type: 'asset', source: '' },
  });
  expect(worker).toContain('["/assets/a.js"]');
  expect(worker).toContain('DECODER = ["/assets/reader.wasm"]');
  expect(worker).not.toContain('__');
});

test('another build has another name, the same build the same', () => {
  const name = (code: string) => /OURS \+ "(\w+)"/.exec(written({ 'assets/a.js': { type: 'chunk', code } }))?.[1];
  expect(name('1')).toBe(name('1'));
  expect(name('1')).not.toBe(name('2'));
});

test('never answers for the API', () => {
  const worker = written({});
  expect(worker).toMatch(/\^\\\/\(api\|/);
  expect(worker).toContain("request.method !== 'GET'");
});
