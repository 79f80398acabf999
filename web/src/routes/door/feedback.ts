import type { Colour } from './verdicts.ts';

/** [frequency in hertz, start, length in seconds]: two rising notes for a welcome, a low one for a refusal. */
const TUNES: Record<Colour, [number, number, number][]> = {
  green: [
    [660, 0, 0.11],
    [990, 0.12, 0.2],
  ],
  amber: [
    [520, 0, 0.14],
    [520, 0.2, 0.14],
  ],
  red: [[180, 0, 0.42]],
};
const VIBRATIONS: Record<Colour, number[]> = { green: [90], amber: [90, 70, 90], red: [320, 90, 320] };

let audio: AudioContext | undefined;

/** Browsers play sound only after a touch: call this from one. A call or another app interrupts it: then again. */
export function wakeSound(): void {
  audio ??= 'AudioContext' in globalThis ? new AudioContext() : undefined;
  if (audio && audio.state !== 'running') void audio.resume().catch(() => undefined);
}

/** Wake the sound at every touch of the page, until `signal` says stop. */
export function keepSound(signal: AbortSignal): void {
  for (const touch of ['pointerup', 'keydown']) addEventListener(touch, wakeSound, { signal, passive: true });
}

/** Sound and vibration of a verdict, for those who do not look. */
export function signal(colour: Colour, muted: boolean): void {
  // Browsers allow it only once the page was touched.
  if (navigator.userActivation?.hasBeenActive ?? true) navigator.vibrate?.(VIBRATIONS[colour]);
  if (muted || !audio) return;
  // iOS interrupts the sound of a page that was in the background: better late than silent.
  if (audio.state === 'running') play(audio, colour);
  else void audio.resume().then(() => audio && play(audio, colour), () => undefined);
}

function play(audio: AudioContext, colour: Colour): void {
  for (const [frequency, start, length] of TUNES[colour]) {
    const note = audio.createOscillator();
    const volume = audio.createGain();
    const from = audio.currentTime + start;
    note.type = colour === 'red' ? 'square' : 'sine';
    note.frequency.value = frequency;
    volume.gain.setValueAtTime(colour === 'red' ? 0.12 : 0.3, from);
    volume.gain.exponentialRampToValueAtTime(0.001, from + length);
    note.connect(volume).connect(audio.destination);
    note.start(from);
    note.stop(from + length);
  }
}
