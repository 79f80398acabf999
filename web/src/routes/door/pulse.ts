/** When something that waits may leave: on `online`, on becoming visible, and every 20 seconds, which tells it nothing. */
export const TICK = 20_000;

export function pulse(on: { network: (online: boolean) => void; seen: () => void; tick: () => void }, ended: AbortSignal) {
  addEventListener('online', () => on.network(true), { signal: ended });
  addEventListener('offline', () => on.network(false), { signal: ended });
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && on.seen(), {
    signal: ended,
  });
  // The browser does not always tell when a network is back.
  const clock = setInterval(on.tick, TICK);
  ended.addEventListener('abort', () => clearInterval(clock));
}
