import type { RoomScreen } from '$lib/api/types.ts';

/** Somebody said that they are here: for which booking, and when, by this device's clock. */
export type Said = { id: string; at: string };

/** What a tablet outside a room keeps: which room, the last day it was told, who came while there was no network. */
export type Kept = {
  room?: number;
  screen?: RoomScreen;
  /** When it was told, by this device's clock, in milliseconds. */
  at?: number;
  /** How far the server's clock is ahead of this device's, in milliseconds. */
  ahead?: number;
  /** What people said while the server could not be reached. */
  come: Said[];
};

const NAME = 'passapp.screen';
/** It is told today and tomorrow: what is older says nothing any more, and holds names. */
const LASTS = 2 * 86_400_000;

export function load(now: number): Kept {
  try {
    const kept = JSON.parse(localStorage.getItem(NAME) ?? '{}') as Partial<Kept>;
    const old = kept.at === undefined || now - kept.at > LASTS;
    // Before it kept when they said so, it kept the booking alone.
    const come = (kept.come ?? []).filter((said) => typeof said === 'object');
    return { room: kept.room, ahead: kept.ahead, come, ...(old ? {} : { screen: kept.screen, at: kept.at }) };
  } catch {
    return { come: [] };
  }
}

export function keep(kept: Kept): void {
  try {
    localStorage.setItem(NAME, JSON.stringify(kept));
  } catch {
    // No room, or no right to: it goes on with what it holds.
  }
}

export const forget = (): void => localStorage.removeItem(NAME);
