export type CameraTrouble = 'refused' | 'none' | 'busy' | 'insecure';
export type Facing = 'environment' | 'user';

/** Why the camera did not open, from what the browser throws. */
export function troubleOf(error: unknown): CameraTrouble {
  switch ((error as DOMException | undefined)?.name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'refused';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'none';
  }
}

/** The camera chosen, else the one that faces that way, at a size that a decoder likes. */
export function constraintsFor(deviceId: string | null, facing: Facing = 'environment'): MediaStreamConstraints {
  const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
  return {
    audio: false,
    video: deviceId ? { ...size, deviceId: { exact: deviceId } } : { ...size, facingMode: { ideal: facing } },
  };
}

/** What a camera says that it can do, beyond what TypeScript knows of. */
type Able = { torch?: boolean; zoom?: Zoom; focusMode?: string[] };
export type Zoom = { min: number; max: number; step?: number };

/** One open camera. */
export class Camera {
  readonly track: MediaStreamTrack;

  constructor(readonly stream: MediaStream) {
    const [track] = stream.getVideoTracks();
    if (!track) throw new DOMException('no picture', 'NotFoundError');
    this.track = track;
    if (this.#able.focusMode?.includes('continuous')) void this.#apply({ focusMode: 'continuous' });
  }

  get #able(): Able {
    return (this.track.getCapabilities?.() ?? {}) as Able;
  }

  get hasTorch(): boolean {
    return this.#able.torch === true;
  }

  /** From how far to how near it can look; null where it cannot. */
  get zoomRange(): Zoom | null {
    const { zoom } = this.#able;
    return zoom && zoom.max > zoom.min ? zoom : null;
  }

  get zoomNow(): number {
    return (this.track.getSettings() as { zoom?: number }).zoom ?? this.zoomRange?.min ?? 1;
  }

  /** Whether it can be told to focus again. */
  get canFocus(): boolean {
    return this.#able.focusMode?.some((mode) => mode === 'single-shot') ?? false;
  }

  get id(): string | null {
    return this.track.getSettings().deviceId ?? null;
  }

  get label(): string {
    return this.track.label;
  }

  torch = (on: boolean): Promise<void> => this.#apply({ torch: on });

  zoom = (times: number): Promise<void> => this.#apply({ zoom: times });

  /** Focus again, now, on the middle of the picture, where the code is held; then go on by itself. */
  async focus(): Promise<void> {
    await this.#apply({ pointsOfInterest: [{ x: 0.5, y: 0.5 }] });
    await this.#apply({ focusMode: 'single-shot' });
    if (this.#able.focusMode?.includes('continuous')) {
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await this.#apply({ focusMode: 'continuous' });
    }
  }

  close(): void {
    for (const track of this.stream.getTracks()) track.stop();
  }

  async #apply(wish: Record<string, unknown>): Promise<void> {
    // A lamp or a lens that refuses must not stop the scanner.
    await this.track.applyConstraints({ advanced: [wish as MediaTrackConstraintSet] }).catch(() => undefined);
  }
}

/** A camera that somebody chose: some browsers give it another id at each visit, and the same name. */
export type Chosen = { id: string; label: string };

/** The camera that was chosen, of those that are here: by its id, else by its name. */
export function sameCamera(all: readonly MediaDeviceInfo[], { id, label }: Chosen): string | null {
  const found = all.find((each) => each.deviceId === id) ?? (label ? all.find((each) => each.label === label) : undefined);
  return found?.deviceId ?? null;
}

/** Opens a camera; throws what the browser throws (see `troubleOf`). */
const open = async (deviceId: string | null, facing: Facing): Promise<Camera> =>
  new Camera(await navigator.mediaDevices.getUserMedia(constraintsFor(deviceId, facing)));

/** Opens the camera that was chosen, else the one that faces that way; throws what the browser throws. */
export async function openCamera(chosen: Chosen | null, facing: Facing = 'environment'): Promise<Camera> {
  if (!chosen) return open(null, facing);
  try {
    return await open(chosen.id, facing);
  } catch (error) {
    // It may be gone; whether the person refuses is another matter.
    if (troubleOf(error) !== 'none') throw error;
  }
  const camera = await open(null, facing);
  const other = sameCamera(await cameras(), chosen);
  if (!other || other === camera.id) return camera;
  camera.close();
  return open(other, facing);
}

export const canHaveCamera = (): boolean => typeof navigator.mediaDevices?.getUserMedia === 'function';

/** The cameras of this device; they have names only once one was allowed. */
export async function cameras(): Promise<MediaDeviceInfo[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((found) => found.kind === 'videoinput' && found.deviceId);
}

/** The camera after this one, round and round. */
export function after<Each extends { deviceId: string }>(all: readonly Each[], current: string | null): Each | null {
  if (all.length < 2) return null;
  const index = all.findIndex((camera) => camera.deviceId === current);
  return all[(index + 1) % all.length] ?? null;
}

/** Whether the person already allowed the camera here, so that there is nothing to ask; told of every change too. */
export async function whenAllowed(allowed: () => void, until: AbortSignal): Promise<void> {
  try {
    const permission = await navigator.permissions.query({ name: 'camera' as PermissionName });
    if (permission.state === 'granted') allowed();
    permission.addEventListener('change', () => permission.state === 'granted' && allowed(), { signal: until });
  } catch {
    // Firefox before 131 does not know; a button asks.
  }
}

/** A picture that stands still so long, in milliseconds, is no picture any more. */
export const STILL_FOR = 4000;

/** Notices a video that has stopped without a word, as happens on iOS after a call or another app. */
export class Stillness {
  #at = -1;
  #since = 0;

  /** Whether the video, at `position` (seconds) at the instant `now` (milliseconds), has stood still for too long. */
  isStill(position: number, now: number): boolean {
    if (position !== this.#at) {
      this.#at = position;
      this.#since = now;
    }
    return now - this.#since >= STILL_FOR;
  }
}

/** On which kind of device the camera is allowed again, and how: there is no one way to say it. */
export type Platform = 'ios' | 'android' | 'computer';

export function platformOf(agent: string, touchPoints: number): Platform {
  // An iPad says that it is a Mac, and has a touch screen.
  if (/iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touchPoints > 1)) return 'ios';
  return /Android/.test(agent) ? 'android' : 'computer';
}
