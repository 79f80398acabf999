import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url';

// At once: the first frame should find the decoder ready, and the device keeps it for when there is no network.
void Promise.resolve(prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true })).catch(
  () => undefined,
);

onmessage = async ({ data }: MessageEvent<{ id: number; frame: ImageData }>) => {
  let texts: string[] | null = null;
  try {
    const found = await readBarcodes(data.frame, { formats: ['QRCode'], tryHarder: true, maxNumberOfSymbols: 4 });
    texts = found.filter((code) => code.isValid).map((code) => code.text);
  } finally {
    // null: it could not read at all (the decoder is not on this device yet, and there is no network).
    postMessage({ id: data.id, texts });
  }
};
