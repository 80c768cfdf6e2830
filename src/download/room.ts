// Whether there is room for what a server wants to send.
import fs from 'node:fs';
import path from 'node:path';
import { FileError } from '../errors';
import { shown } from './address';
import { DownloadError } from './errors';

/** Left free for everybody else, in bytes. */
const RESERVE = 64 * 2 ** 20;
/** Bytes between two looks at the disk. */
const LOOK_EVERY = 32 * 2 ** 20;

/** @throws FileError `E_DISK_FULL` unless `bytes` more fit on the disk of `file` */
export function checkRoom(file: string, bytes: number): void {
  const { bavail, bsize } = fs.statfsSync(path.dirname(path.resolve(file)));
  const free = bavail * bsize;
  if (bytes <= Math.max(0, free - RESERVE) || bytes <= free / 2) return;
  const [needed, there] = [bytes, free].map((size) => `${Math.ceil(size / 1e6)} MB`);
  throw new FileError(
    'E_DISK_FULL',
    `${file}: ${needed} are to come and ${there} are free; free some and run the same command again`,
  );
}

/** Where no length was announced: a body that ends with an error when it fills the disk or never ends. */
export async function* limited(
  body: AsyncIterable<Uint8Array>,
  file: string,
  { url, from, most }: { url: string; from: number; most: number },
): AsyncGenerator<Uint8Array> {
  let [size, looked] = [from, from];
  for await (const chunk of body) {
    size += chunk.length;
    if (size > most) {
      const problem = `more than ${Math.round(most / 1e6)} MB came, and nobody said how many there are`;
      throw new DownloadError('E_DOWNLOAD', `${shown(url)}: ${problem}; check the address, or fetch it by other means`);
    }
    if (size - looked > LOOK_EVERY) {
      checkRoom(file, LOOK_EVERY);
      looked = size;
    }
    yield chunk;
  }
}
