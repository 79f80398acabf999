import type { RoomScreen } from '$lib/api/types.ts';

/** What a tablet outside a room keeps: which room, the last day it was told, who came while there was no network. */
export type Kept = {
  room?: number;
  screen?: RoomScreen;
  /** When it was told, by this device's clock, in milliseconds. */
  at?: number;
  /** Bookings whose people said that they are here, and which the server does not know of yet. */
  come: string[];
};

const NAME = 'passapp.screen';
/** It is told today and tomorrow: what is older says nothing any more, and holds names. */
const LASTS = 2 * 86_400_000;

export function load(now: number): Kept {
  try {
    const kept = JSON.parse(localStorage.getItem(NAME) ?? '{}') as Partial<Kept>;
    const old = kept.at === undefined || now - kept.at > LASTS;
    return { room: kept.room, come: kept.come ?? [], ...(old ? {} : { screen: kept.screen, at: kept.at }) };
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
