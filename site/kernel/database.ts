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
    const file = (await result(store.get(name))) as { content: Blob | ArrayBuffer } | undefined;
    if (file) files.set(name, { content: file.content instanceof Blob ? file.content : new Blob([file.content]) });
  }
  return files;
}

/**
 * Writes files and deletes others, all or nothing.
 *
 * @throws DOMException `QuotaExceededError`, …; nothing has changed then.
 */
export async function replace(
  database: IDBDatabase,
  contents: [path: string, content: Blob][],
  removed: string[],
): Promise<void> {
  try {
    await put(database, contents, removed);
  } catch (error) {
    if (contents.length === 0 || (error as Error).name === 'QuotaExceededError') throw error;
    // private windows of WebKit keep bytes, and no blobs
    const bytes = contents.map(async ([path, content]): Promise<[string, ArrayBuffer]> => [
      path,
      await content.arrayBuffer(),
    ]);
    await put(database, await Promise.all(bytes), removed);
  }
}

function put(
  database: IDBDatabase,
  contents: [path: string, content: Blob | ArrayBuffer][],
  removed: string[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(FILES, 'readwrite', { durability: 'strict' });
    const store = transaction.objectStore(FILES);
    transaction.oncomplete = () => resolve();
    transaction.onabort = () =>
      reject(transaction.error ?? new DOMException('the transaction was ended', 'AbortError'));
    try {
      for (const [path, content] of contents) store.put({ content }, path);
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
