// Reads pictures with QR decoders, for benchmarks/decoders.py.
//
//     node benchmarks/decoders.mjs FRAMES.json PACKAGES DECODER…
//
// FRAMES.json: [{file, width, height, text}], the files hold bare greys; PACKAGES: the folder of the packages. Prints JSON:
// of each decoder, for each frame, whether it read that text, and how many milliseconds it took.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [list, packages, ...names] = process.argv.slice(2);
const found = createRequire(`${packages}/`);
const load = (name) => import(pathToFileURL(found.resolve(name)).href);

const DECODERS = {
  // As web/src/routes/door/decode.worker.ts asks.
  async 'zxing-wasm'() {
    const { prepareZXingModule, readBarcodes } = await load('zxing-wasm/reader');
    const wasmBinary = readFileSync(found.resolve('zxing-wasm/reader/zxing_reader.wasm'));
    await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
    return async (frame) => {
      const codes = await readBarcodes(frame, { formats: ['QRCode'], tryHarder: true, maxNumberOfSymbols: 4 });
      return codes.filter((code) => code.isValid).map((code) => code.text);
    };
  },
  // As the door reads, frame after frame: the whole, then the square in its middle enlarged (web/src/routes/door/decode.ts).
  async door() {
    const read = await DECODERS['zxing-wasm']();
    return async (frame) => {
      const texts = await read(frame);
      return texts.length ? texts : read(enlarged(middle(frame), Math.min(1.6, 960 / frame.width)));
    };
  },
  async qr() {
    const { default: decode } = await load('qr/decode.js');
    return (frame) => {
      try {
        return [decode(frame, { timeLimit: 100 })];
      } catch {
        return [];
      }
    };
  },
  async jsqr() {
    const { default: jsqr } = await load('jsqr');
    return ({ data, width, height }) => {
      const code = (jsqr.default ?? jsqr)(data, width, height, { inversionAttempts: 'dontInvert' });
      return code ? [code.data] : [];
    };
  },
  async 'zbar-wasm'() {
    const { ZBarScanner, ZBarSymbolType, ZBarConfigType, scanImageData } = await load('@undecaf/zbar-wasm');
    const scanner = await ZBarScanner.create();
    scanner.setConfig(ZBarSymbolType.ZBAR_NONE, ZBarConfigType.ZBAR_CFG_ENABLE, 0);
    scanner.setConfig(ZBarSymbolType.ZBAR_QRCODE, ZBarConfigType.ZBAR_CFG_ENABLE, 1);
    return async (frame) => (await scanImageData(frame, scanner)).map((code) => code.decode());
  },
};

/** The square in the middle of a picture that is higher than wide. */
function middle({ data, width, height }) {
  const top = Math.round((height - width) / 2) * width * 4;
  return { data: data.subarray(top, top + width * width * 4), width, height: width };
}

/** The same picture, so many times as large, each pixel between its four neighbours. */
function enlarged({ data, width, height }, times) {
  if (times <= 1) return { data, width, height };
  const [wide, high] = [Math.round(width * times), Math.round(height * times)];
  const larger = new Uint8ClampedArray(wide * high * 4);
  const at = (x, y) => data[(Math.min(y, height - 1) * width + Math.min(x, width - 1)) * 4];
  for (let row = 0; row < high; row++) {
    const [y, down] = [Math.floor(row / times), (row / times) % 1];
    for (let column = 0; column < wide; column++) {
      const [x, right] = [Math.floor(column / times), (column / times) % 1];
      const above = at(x, y) * (1 - right) + at(x + 1, y) * right;
      const below = at(x, y + 1) * (1 - right) + at(x + 1, y + 1) * right;
      const grey = above * (1 - down) + below * down;
      larger.set([grey, grey, grey, 255], (row * wide + column) * 4);
    }
  }
  return { data: larger, width: wide, height: high };
}

const frames = JSON.parse(readFileSync(list, 'utf8')).map(({ file, width, height, text }) => {
  const greys = readFileSync(file);
  const data = new Uint8ClampedArray(greys.length * 4);
  greys.forEach((grey, index) => data.set([grey, grey, grey, 255], index * 4));
  return { frame: { data, width, height }, text };
});
const results = {};
for (const name of names) {
  const read = await DECODERS[name]();
  for (const { frame } of frames.slice(0, 5)) await read(frame);
  results[name] = [];
  for (const { frame, text } of frames) {
    const began = performance.now();
    const texts = await read(frame);
    results[name].push([texts.includes(text), performance.now() - began]);
  }
}
console.log(JSON.stringify(results));
