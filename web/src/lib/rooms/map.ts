import type { FreeRoom } from '../api/types.ts';

type Place = FreeRoom['resource']['place'];
export type Pin = { place: Place; at: [latitude: number, longitude: number]; rooms: FreeRoom[] };

/** What is free, place by place; `elsewhere`: how many rooms are at places that no map shows. */
export function pinsOf(found: readonly FreeRoom[]): { pins: Pin[]; elsewhere: number } {
  const pins = new Map<string, Pin>();
  let elsewhere = 0;
  for (const free of found) {
    const { place } = free.resource;
    const { latitude, longitude } = place;
    const pin = pins.get(place.id);
    if (pin) pin.rooms.push(free);
    else if (latitude !== null && longitude !== null)
      pins.set(place.id, { place, at: [latitude, longitude], rooms: [free] });
    else elsewhere += 1;
  }
  return { pins: [...pins.values()], elsewhere };
}

const AROUND_KM = 50;

/** The pins that a map shows first: those around, where somebody looks near a place; all of them anywhere. */
export function around(pins: readonly Pin[]): Pin[] {
  const far = ({ rooms }: Pin) => rooms[0]?.distance_km ?? 0;
  const nearest = Math.min(...pins.map(far));
  return pins.filter((pin) => far(pin) <= Math.max(AROUND_KM, nearest));
}

/** « © OpenStreetMap https://… »: the words, and where they lead. */
export function creditOf(said: string): { words: string; href: string | undefined } {
  const [, words = '', href] = /^(.*?)(?:\s*(https:\/\/\S+))?$/.exec(said.trim()) ?? [];
  return { words: words || (href ?? ''), href };
}

/** The machine that a template of tiles names. */
export const hostOf = (tiles: string): string => new URL(tiles).host;
