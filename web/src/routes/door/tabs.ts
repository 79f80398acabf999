/** Several tabs of one device share its store: what each is sending, the others leave alone (Web Locks). */
export type Tabs = {
  /** Run, while every tab can see that this scan is being sent. */
  sending: <T>(scanId: string, run: () => Promise<T>) => Promise<T>;
  /** The scans that any tab is sending. */
  busy: () => Promise<ReadonlySet<string>>;
  /** Run, unless another tab is at it. */
  unlessBusy: (what: string, run: () => Promise<void>) => Promise<void>;
  /** Run, after the tabs that are at it. */
  inTurn: <T>(what: string, run: () => Promise<T>) => Promise<T>;
};

const NAME = 'passapp-door-';
const SCAN = `${NAME}scan-`;

/** Its declared type promises a promise. */
const whenHeld = <T>(locks: Pick<LockManager, 'request'>, name: string, run: () => Promise<T>): Promise<T> =>
  locks.request(name, run) as Promise<T>;

/** A browser frees the locks of a tab that is gone, so that nothing stays behind. */
export const tabsOf = (locks: Pick<LockManager, 'request' | 'query'> | undefined): Tabs =>
  locks
    ? {
        sending: (id, run) => whenHeld(locks, SCAN + id, run),
        busy: async () => {
          const held = (await locks.query()).held ?? [];
          return new Set(held.flatMap(({ name }) => (name?.startsWith(SCAN) ? [name.slice(SCAN.length)] : [])));
        },
        unlessBusy: async (what, run) =>
          locks.request(NAME + what, { ifAvailable: true }, async (lock) => {
            if (lock) await run();
          }),
        inTurn: (what, run) => whenHeld(locks, NAME + what, run),
      }
    : alone();

/** A browser without locks: the server answers a repeat as the first time, so that nothing is doubled even then. */
function alone(): Tabs {
  const sending = new Set<string>();
  const last = new Map<string, Promise<unknown>>();
  return {
    sending: async (id, run) => {
      sending.add(id);
      try {
        return await run();
      } finally {
        sending.delete(id);
      }
    },
    busy: () => Promise.resolve(new Set(sending)),
    unlessBusy: (_what, run) => run(),
    inTurn: (what, run) => {
      const turn = (last.get(what) ?? Promise.resolve()).then(run, run);
      last.set(what, turn);
      return turn;
    },
  };
}
