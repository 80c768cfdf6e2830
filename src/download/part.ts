// What there is of a file that is not whole yet: `FILE.part`, and in `FILE.etag` the version of the file that it is of.
import fs from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { SpanlabError } from '../errors';
import { moveIntoPlace } from '../staged-file';
import { Temporary } from './errors';

/** A file in the making. At every moment a kill leaves bytes of one version only, or bytes that count as none. */
export class Part {
  readonly file: string;
  private readonly tagFile: string;

  constructor(private readonly target: string) {
    [this.file, this.tagFile] = [`${target}.part`, `${target}.etag`];
  }

  /** Bytes there are. */
  get size(): number {
    return fs.existsSync(this.file) ? fs.statSync(this.file).size : 0;
  }

  /** The version that the bytes are of; without one they cannot be gone on with. */
  get tag(): string | undefined {
    return fs.existsSync(this.tagFile) ? fs.readFileSync(this.tagFile, 'utf8') : undefined;
  }

  /** How long the file will be, as it was said first. */
  private expected?: number;

  /** Notes the length that a server says. @returns false when it said another before */
  expect(total?: number): boolean {
    if (total !== undefined && this.expected !== undefined && total !== this.expected) return false;
    this.expected ??= total;
    return true;
  }

  /** Begins anew with another version; the old bytes go first, so that they never bear the new tag. */
  restart(tag?: string): void {
    this.expected = undefined;
    fs.rmSync(this.tagFile, { force: true });
    fs.rmSync(this.file, { force: true }); // a link is not written through
    fs.writeFileSync(this.file, '');
    if (tag) fs.writeFileSync(this.tagFile, tag);
  }

  discard(): void {
    this.expected = undefined;
    for (const file of [this.tagFile, this.file]) fs.rmSync(file, { force: true });
  }

  /**
   * Appends `body`.
   *
   * @throws Temporary when the connection breaks, the system's error when the disk does, the signal's reason; what came is kept
   */
  async append(body: AsyncIterable<Uint8Array>, onBytes: (size: number) => void, signal?: AbortSignal): Promise<void> {
    let size = this.size;
    let broken: unknown;
    // what breaks the connection ends the file in good order: what had come by then is written
    async function* counted(): AsyncGenerator<Uint8Array> {
      try {
        for await (const chunk of body) {
          yield chunk;
          onBytes((size += chunk.length));
        }
      } catch (error) {
        broken = error;
      }
    }
    const file = fs.createWriteStream(this.file, { flags: 'a' });
    const closed = new Promise<void>((resolve) => file.once('close', () => resolve()));
    try {
      await pipeline(counted(), file).finally(() => closed); // a write under way would end up in what the next try begins
    } finally {
      signal?.throwIfAborted();
    }
    if (broken === undefined) return;
    if (broken instanceof SpanlabError) throw broken;
    const { code, message } = broken as NodeJS.ErrnoException;
    const isCut = code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
    throw new Temporary('E_DOWNLOAD_NETWORK', isCut ? 'the connection was cut' : message);
  }

  /** Puts the whole file in its place. */
  async finish(): Promise<void> {
    await flush(this.file);
    moveIntoPlace(this.file, this.target);
    fs.rmSync(this.tagFile, { force: true });
  }
}

/** Gigabytes take seconds to reach the disk, in which other work goes on; what follows finds nothing left to write. */
async function flush(file: string): Promise<void> {
  const handle = await fs.promises.open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
