import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url';

// At once: the first frame should find the decoder ready, and the device keeps it for when there is no network.
void prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });

onmessage = async ({ data }: MessageEvent<{ id: number; frame: ImageData }>) => {
  let texts: string[] = [];
  try {
    const found = await readBarcodes(data.frame, { formats: ['QRCode'], tryHarder: true, maxNumberOfSymbols: 4 });
    texts = found.filter((code) => code.isValid).map((code) => code.text);
  } finally {
    postMessage({ id: data.id, texts });
  }
};
