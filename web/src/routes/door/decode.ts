/**
 * Reading QR codes: the browser's own detector where it has one, else zxing in a worker, fetched only then. Of four decoders
 * it reads the smallest, worst pictures, and is the fastest at it (benchmarks/README.md, Decoders).
 */
export type Picture = HTMLCanvasElement | HTMLVideoElement | HTMLImageElement | ImageBitmap;
export type Area = { x: number; y: number; width: number; height: number; scale: number };
export type Decoder = {
  /** The texts of the codes in a part of a picture. Throws where it cannot read at all. */
  read: (picture: Picture, area: Area) => Promise<string[]>;
  /** Whether it takes the picture as it is, and looks for small codes by itself. */
  whole: boolean;
  close: () => void;
};

type Detected = { rawValue: string };
type Detector = { detect: (source: CanvasImageSource) => Promise<Detected[]> };
type DetectorClass = { new (options: { formats: string[] }): Detector; getSupportedFormats: () => Promise<string[]> };

/** The longest side a frame is scaled to: a version 13 code that fills a third of it still has 4 pixels a module. */
const LONGEST = 960;
/**
 * Small pictures are read enlarged: of dim, shaken ones of 360 to 480 pixels the decoder then reads twice as many
 * (benchmarks/README.md, Decoders).
 */
const ENLARGED = 1.6;
/** So many failures one after the other, and a decoder is given up. */
const FAILURES = 3;
/** Milliseconds between two frames: half as long as the last one took, so that a slow phone stays cool. */
const REST = { least: 10, most: 120 };

/** A part of a picture on a canvas. */
function draw(canvas: HTMLCanvasElement, picture: Picture, area: Area): CanvasRenderingContext2D | null {
  canvas.width = Math.max(1, Math.round(area.width * area.scale));
  canvas.height = Math.max(1, Math.round(area.height * area.scale));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context?.drawImage(picture, area.x, area.y, area.width, area.height, 0, 0, canvas.width, canvas.height);
  return context;
}

async function native(): Promise<Decoder | null> {
  const Detector = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  try {
    if (!Detector || !(await Detector.getSupportedFormats()).includes('qr_code')) return null;
    const detector = new Detector({ formats: ['qr_code'] });
    const canvas = document.createElement('canvas');
    return {
      whole: true,
      read: async (picture, area) => {
        const isAll = area.scale === 1 && picture instanceof HTMLVideoElement;
        if (!isAll) draw(canvas, picture, area);
        return (await detector.detect(isAll ? picture : canvas)).map((found) => found.rawValue);
      },
      close: () => undefined,
    };
  } catch {
    return null;
  }
}

export const all = (width: number, height: number): Area => ({ x: 0, y: 0, width, height, scale: 1 });

function scaled(area: Omit<Area, 'scale'>, longest: number, enlarged = 1): Area {
  return { ...area, scale: Math.min(enlarged, longest / Math.max(area.width, area.height)) };
}

/** Where a frame is cut: the whole of it, then the square in its middle enlarged, in turn, for codes that are badly seen. */
export function cut(width: number, height: number, turn: number): Area {
  const side = Math.min(width, height);
  const middle = { x: Math.round((width - side) / 2), y: Math.round((height - side) / 2), width: side, height: side };
  return turn % 2 === 0 ? scaled({ x: 0, y: 0, width, height }, LONGEST) : scaled(middle, LONGEST, ENLARGED);
}

/**
 * Where a photo is looked at, one after the other: the whole of it at three scales, for a code fills it or is a corner of
 * it; then its quarters, which overlap, as sharp as they are.
 */
export function looks(width: number, height: number): Area[] {
  const whole = { x: 0, y: 0, width, height };
  const looked = [LONGEST, 2 * LONGEST, 480].map((longest) => scaled(whole, longest, ENLARGED));
  const half = { width: Math.round(width * 0.6), height: Math.round(height * 0.6) };
  for (const x of [0, width - half.width])
    for (const y of [0, height - half.height]) looked.push(scaled({ x, y, ...half }, 2 * LONGEST));
  // A small photo is the same at every scale.
  return looked.filter((area, index) => index === 0 || area.scale !== looked[0]?.scale || area.width !== width);
}

function inWorker(): Decoder {
  const worker = new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' });
  const waiting = new Map<number, { done: (texts: string[]) => void; failed: (error: Error) => void }>();
  let broken: Error | undefined;
  worker.onmessage = ({ data }: MessageEvent<{ id: number; texts: string[] | null }>) => {
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.texts) asked?.done(data.texts);
    else asked?.failed(new Error('the decoder did not start'));
  };
  worker.onerror = (event) => {
    broken = new Error(event.message);
    for (const { failed } of waiting.values()) failed(broken);
    waiting.clear();
  };
  const canvas = document.createElement('canvas');
  let asked = 0;
  return {
    whole: false,
    read(picture, area) {
      if (broken) return Promise.reject(broken);
      const context = draw(canvas, picture, area);
      if (!context) return Promise.resolve([]);
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

/**
 * A decoder that gives way to the next when it fails several times one after the other: some phones have a detector that
 * says it reads QR codes, and then never does. Throws what the last one throws.
 */
export function fallingBack(first: Decoder, next: () => Decoder): Decoder {
  let now = first;
  let fallen = false;
  let failures = 0;
  return {
    get whole() {
      return now.whole;
    },
    async read(picture, area) {
      try {
        const texts = await now.read(picture, area);
        failures = 0;
        return texts;
      } catch (error) {
        if (fallen || ++failures < FAILURES) throw error;
        now.close();
        now = next();
        fallen = true;
        return now.read(picture, area);
      }
    },
    close: () => now.close(),
  };
}

/** The best decoder this browser has. */
export async function makeDecoder(): Promise<Decoder> {
  const own = await native();
  // A worker that did not start (its file was not there yet, offline) is tried again.
  return own ? fallingBack(own, inWorker) : startingAgain(inWorker);
}

/** A decoder that is made anew after it failed. */
export function startingAgain(make: () => Decoder): Decoder {
  let now = make();
  let broken = false;
  return {
    whole: now.whole,
    async read(picture, area) {
      if (broken) {
        now.close();
        now = make();
        broken = false;
      }
      try {
        return await now.read(picture, area);
      } catch (error) {
        broken = true;
        throw error;
      }
    },
    close: () => now.close(),
  };
}

/** Waits for the video's next picture, or a little while where the browser does not tell. */
const nextFrame = (video: HTMLVideoElement): Promise<unknown> =>
  Promise.race([
    new Promise((shown) => video.requestVideoFrameCallback?.(shown)),
    // A hidden page shows no frame; a stopped camera neither.
    new Promise((waited) => setTimeout(waited, REST.most)),
  ]);

/**
 * Reads frames of a playing video until `signal` says stop; never stops by itself, whatever the frames hold. `onWorks` is
 * told whether the decoder can read at all, each time that changes.
 */
export async function watch(
  video: HTMLVideoElement,
  decoder: Decoder,
  onTexts: (texts: string[]) => void,
  signal: AbortSignal,
  onWorks: (works: boolean) => void = () => undefined,
): Promise<void> {
  let works = true;
  const now = (said: boolean) => {
    if (said !== works && !signal.aborted) onWorks(said);
    works = said;
  };
  for (let turn = 0; !signal.aborted; turn++) {
    const { videoWidth: width, videoHeight: height } = video;
    const began = performance.now();
    if (!document.hidden && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && width) {
      try {
        const area = decoder.whole ? all(width, height) : cut(width, height, turn);
        const texts = await decoder.read(video, area);
        if (texts.length && !signal.aborted) onTexts(texts);
        now(true);
      } catch {
        // One frame that could not be read, or a decoder that is not there: the next one comes.
        now(false);
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
    const rest = Math.min(REST.most, Math.max(REST.least, (performance.now() - began) / 2));
    await new Promise((resolve) => setTimeout(resolve, rest));
    await nextFrame(video);
  }
}

async function opened(file: Blob): Promise<{ picture: Picture; width: number; height: number; close: () => void }> {
  try {
    const bitmap = await createImageBitmap(file);
    return { picture: bitmap, width: bitmap.width, height: bitmap.height, close: () => bitmap.close() };
  } catch {
    // Safari opens some photos only as an image element.
    const address = URL.createObjectURL(file);
    const picture = new Image();
    picture.src = address;
    const close = () => URL.revokeObjectURL(address);
    try {
      await picture.decode();
    } catch (error) {
      close();
      throw error;
    }
    return { picture, width: picture.naturalWidth, height: picture.naturalHeight, close };
  }
}

/** The codes in a photo, looked for at several scales. Throws where the file is no picture. */
export async function readPhoto(decoder: Decoder, file: Blob): Promise<string[]> {
  const { picture, width, height, close } = await opened(file);
  try {
    for (const area of looks(width, height)) {
      const texts = await decoder.read(picture, area);
      if (texts.length) return texts;
    }
    return [];
  } finally {
    close();
  }
}
