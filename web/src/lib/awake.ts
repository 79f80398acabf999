/** Keeps the screen on while a page needs it, again each time the page becomes visible. */
export function keepAwake(onChange: (awake: boolean) => void = () => undefined): { release: () => void } {
  let lock: WakeLockSentinel | undefined;
  let released = false;

  async function ask() {
    if (released || document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
    try {
      lock = await navigator.wakeLock.request('screen');
      onChange(true);
      lock.addEventListener('release', () => onChange(false));
      if (released) await lock.release();
    } catch {
      onChange(false);
    }
  }

  document.addEventListener('visibilitychange', ask);
  void ask();
  return {
    release() {
      released = true;
      document.removeEventListener('visibilitychange', ask);
      void lock?.release().catch(() => undefined);
    },
  };
}
