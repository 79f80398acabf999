/** Reading QR codes: the browser's own detector where it has one, else zxing in a worker, fetched only then. */
export type Picture = HTMLCanvasElement | HTMLVideoElement | ImageBitmap;
export type Decoder = {
  read: (picture: Picture, width: number, height: number) => Promise<string[]>;
  close: () => void;
};

type Detected = { rawValue: string };
type Detector = { detect: (source: CanvasImageSource) => Promise<Detected[]> };
type DetectorClass = { new (options: { formats: string[] }): Detector; getSupportedFormats: () => Promise<string[]> };

/** The longest side a frame is scaled to: a version 11 code that fills a third of it still has 5 pixels a module. */
const LONGEST = 960;

async function native(): Promise<Decoder | null> {
  const Detector = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  try {
    if (!Detector || !(await Detector.getSupportedFormats()).includes('qr_code')) return null;
    const detector = new Detector({ formats: ['qr_code'] });
    return {
      read: async (picture) => (await detector.detect(picture)).map((found) => found.rawValue),
      close: () => undefined,
    };
  } catch {
    return null;
  }
}

/** Where a frame is cut: the whole of it, then its middle enlarged, in turn, for codes held far away. */
export function cut(
  width: number,
  height: number,
  turn: number,
): { x: number; y: number; width: number; height: number; scale: number } {
  const side = Math.min(width, height);
  const area =
    turn % 2 === 0
      ? { x: 0, y: 0, width, height }
      : {
          x: Math.round((width - side * 0.7) / 2),
          y: Math.round((height - side * 0.7) / 2),
          width: Math.round(side * 0.7),
          height: Math.round(side * 0.7),
        };
  return { ...area, scale: Math.min(1, LONGEST / Math.max(area.width, area.height)) };
}

function inWorker(): Decoder {
  const worker = new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' });
  const waiting = new Map<number, { done: (texts: string[]) => void; failed: (error: Error) => void }>();
  worker.onmessage = ({ data }: MessageEvent<{ id: number; texts: string[] }>) => {
    waiting.get(data.id)?.done(data.texts);
    waiting.delete(data.id);
  };
  worker.onerror = (event) => {
    for (const { failed } of waiting.values()) failed(new Error(event.message));
    waiting.clear();
  };
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  let turn = 0;
  let asked = 0;
  return {
    read(picture, width, height) {
      if (!context) return Promise.resolve([]);
      const area = cut(width, height, turn++);
      canvas.width = Math.round(area.width * area.scale);
      canvas.height = Math.round(area.height * area.scale);
      context.drawImage(picture, area.x, area.y, area.width, area.height, 0, 0, canvas.width, canvas.height);
      const frame = context.getImageData(0, 0, canvas.width, canvas.height);
      const id = ++asked;
      return new Promise((done, failed) => {
        waiting.set(id, { done, failed });
        worker.postMessage({ id, frame }, [frame.data.buffer]);
      });
    },
    close: () => worker.terminate(),
  };
}

/** The best decoder this browser has. */
export async function makeDecoder(): Promise<Decoder> {
  return (await native()) ?? inWorker();
}

/** Reads frames of a playing video until `signal` says stop; never stops by itself, whatever the frames hold. */
export async function watch(
  video: HTMLVideoElement,
  decoder: Decoder,
  onText: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    if (!document.hidden && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && video.videoWidth) {
      try {
        for (const text of await decoder.read(video, video.videoWidth, video.videoHeight))
          if (!signal.aborted) onText(text);
      } catch {
        // One frame that could not be read: the next one comes.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 90));
  }
}

/** The codes in a photo, tried whole and in its middle. */
export async function readPhoto(decoder: Decoder, file: Blob): Promise<string[]> {
  const picture = await createImageBitmap(file);
  try {
    for (let turn = 0; turn < 2; turn++) {
      const texts = await decoder.read(picture, picture.width, picture.height);
      if (texts.length) return texts;
    }
    return [];
  } finally {
    picture.close();
  }
}
