// The browser's database with the files of the course: by path, with their bytes. The worker writes into it, the front page too.

const NAME = 'spanlab';
const FILES = 'files';

/** A file as it is kept. */
export interface KeptFile {
  content: Blob;
}

/** @throws DOMException where the browser keeps nothing */
export function openFiles(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(FILES);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error as DOMException);
  });
}

/** Files by their paths: all, or those of the paths given. */
export async function readAll(database: IDBDatabase, paths?: string[]): Promise<Map<string, KeptFile>> {
  const store = database.transaction(FILES).objectStore(FILES);
  const names = paths ?? ((await result(store.getAllKeys())) as string[]);
  const files = new Map<string, KeptFile>();
  for (const name of names) {
    const file = (await result(store.get(name))) as KeptFile | undefined;
    if (file) files.set(name, file);
  }
  return files;
}

/**
 * Writes files and deletes others, all or nothing.
 *
 * @throws DOMException `QuotaExceededError`, …; nothing has changed then.
 */
export function replace(
  database: IDBDatabase,
  contents: [path: string, content: Blob][],
  removed: string[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(FILES, 'readwrite', { durability: 'strict' });
    const store = transaction.objectStore(FILES);
    transaction.oncomplete = () => resolve();
    transaction.onabort = () =>
      reject(transaction.error ?? new DOMException('the transaction was ended', 'AbortError'));
    try {
      for (const [path, content] of contents) store.put({ content } satisfies KeptFile, path);
      for (const path of removed) store.delete(path);
    } catch (error) {
      transaction.onabort = () => reject(error as Error);
      transaction.abort();
    }
  });
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error as DOMException);
  });
}
