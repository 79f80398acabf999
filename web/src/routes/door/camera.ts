export type CameraTrouble = 'refused' | 'none' | 'busy' | 'insecure';

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

/** The rear camera first (or the one chosen), at a size that a decoder likes. */
export function constraintsFor(deviceId: string | null): MediaStreamConstraints {
  const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
  return {
    audio: false,
    video: deviceId ? { ...size, deviceId: { exact: deviceId } } : { ...size, facingMode: { ideal: 'environment' } },
  };
}

type Lamp = { torch?: boolean; focusMode?: string[] };

/** One open camera. */
export class Camera {
  readonly track: MediaStreamTrack;

  constructor(readonly stream: MediaStream) {
    const [track] = stream.getVideoTracks();
    if (!track) throw new DOMException('no picture', 'NotFoundError');
    this.track = track;
    if (this.#able.focusMode?.includes('continuous')) void this.#apply({ focusMode: 'continuous' });
  }

  get #able(): Lamp {
    return (this.track.getCapabilities?.() ?? {}) as Lamp;
  }

  get hasTorch(): boolean {
    return this.#able.torch === true;
  }

  get id(): string | null {
    return this.track.getSettings().deviceId ?? null;
  }

  torch = (on: boolean): Promise<void> => this.#apply({ torch: on });

  close(): void {
    for (const track of this.stream.getTracks()) track.stop();
  }

  async #apply(wish: Record<string, unknown>): Promise<void> {
    // A lamp or a lens that refuses must not stop the scanner.
    await this.track.applyConstraints({ advanced: [wish as MediaTrackConstraintSet] }).catch(() => undefined);
  }
}

/** Opens a camera; throws what the browser throws (see `troubleOf`), or an `InsecureError` without https. */
export async function openCamera(deviceId: string | null): Promise<Camera> {
  return new Camera(await navigator.mediaDevices.getUserMedia(constraintsFor(deviceId)));
}

export const canHaveCamera = (): boolean => typeof navigator.mediaDevices?.getUserMedia === 'function';

/** The cameras of this device; they have names only once one was allowed. */
export async function cameras(): Promise<MediaDeviceInfo[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((found) => found.kind === 'videoinput' && found.deviceId);
}

/** The camera after this one, round and round. */
export function after(all: readonly { deviceId: string }[], current: string | null): string | null {
  if (all.length < 2) return null;
  const index = all.findIndex((camera) => camera.deviceId === current);
  return all[(index + 1) % all.length]?.deviceId ?? null;
}

/** Whether the person already allowed the camera here, so that there is nothing to ask. */
export async function alreadyAllowed(): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: 'camera' as PermissionName })).state === 'granted';
  } catch {
    return false;
  }
}
