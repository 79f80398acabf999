import type { Position } from './search.ts';

const PATIENCE = 10_000;
const FRESH = 10 * 60_000;

/** To a kilometre or so: enough to sort places by distance, and no more than that is told. */
const roughly = (degrees: number) => Math.round(degrees * 100) / 100;

/** Where this phone is, roughly; undefined where it does not say. */
export const whereItIs = (): Promise<Position | undefined> =>
  new Promise((found) => {
    if (!('geolocation' in navigator)) return found(undefined);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => found({ latitude: roughly(coords.latitude), longitude: roughly(coords.longitude) }),
      () => found(undefined),
      { timeout: PATIENCE, maximumAge: FRESH },
    );
  });
