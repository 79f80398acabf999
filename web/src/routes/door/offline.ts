/** Whether this device could open and scan with no network: the page, its decoder, and what it must know. */

/** Asks the service worker to keep all that a door needs; whether it has it. Without a service worker: no. */
export async function keepDoorFiles(): Promise<boolean> {
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (!container) return false;
  const { active } = await container.ready;
  if (!active) return false;
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }: MessageEvent<boolean>) => resolve(data === true);
    // A worker of a build that does not know this question never answers.
    setTimeout(() => resolve(false), 60_000);
    active.postMessage('keep-door', [port2]);
  });
}

/** Asks the browser never to clear what waits here. Undefined where it does not say. */
export async function askToKeep(): Promise<boolean | undefined> {
  try {
    return await navigator.storage.persist();
  } catch {
    return undefined;
  }
}
