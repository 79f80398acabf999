type Again = { again(): Promise<void> };

const EVERY = 40_000;

/** While `running` and on the screen, asks again every 40 seconds, and at once when the person comes back. */
export function stayFresh(of: () => Again | undefined, running: () => boolean): void {
  $effect(() => {
    if (!running()) return;
    const look = () => {
      if (document.visibilityState === 'visible') void of()?.again();
    };
    const timer = setInterval(look, EVERY);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  });
}
