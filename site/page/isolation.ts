// Isolation from other origins, without which threads share no memory: by headers of the server, else by our service worker, whose
// answers have them from the next load on.

/** Set while a page is loaded again for it, so that it is not loaded for ever where that does not help. */
const TRIED = 'spanlab-isolated';

/**
 * Makes the page isolated, if need be by loading it once more.
 *
 * @param worker The address of the service worker.
 * @returns whether it is now
 */
export async function isolate(worker: string): Promise<boolean> {
  if (crossOriginIsolated) {
    sessionStorage.removeItem(TRIED);
    return true;
  }
  if (!('serviceWorker' in navigator) || sessionStorage.getItem(TRIED)) return false;
  try {
    await navigator.serviceWorker.register(worker);
    await within(10_000, navigator.serviceWorker.ready);
  } catch {
    return false; // a browser that wants no such worker: one thread, then
  }
  sessionStorage.setItem(TRIED, '1');
  location.reload();
  return new Promise(() => undefined);
}

/** @throws Error when it takes longer (milliseconds) */
function within<T>(limit: number, wanted: Promise<T>): Promise<T> {
  return Promise.race([wanted, new Promise<never>((_, reject) => setTimeout(() => reject(new Error('too late')), limit))]); // prettier-ignore
}
