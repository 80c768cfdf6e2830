// The bytes of a file out of an answer that is compressed, although nobody asked for that.
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import zlib from 'node:zlib';
import { DownloadError } from './errors';
import type { Answer } from './http';

const DECODERS: Record<string, () => NodeJS.ReadWriteStream> = {
  gzip: zlib.createGunzip,
  'x-gzip': zlib.createGunzip,
  deflate: zlib.createInflate,
  br: zlib.createBrotliDecompress,
};

/** A body without its `Content-Encoding`. @throws DownloadError `E_DOWNLOAD` for one that nobody here can read */
export function plainBody({ headers, body }: Answer): AsyncIterable<Uint8Array> {
  const encodings = (headers.get('content-encoding') ?? '').toLowerCase().split(',').map((name) => name.trim()); // prettier-ignore
  let plain: Readable = body;
  for (const encoding of encodings.reverse()) {
    if (encoding === '' || encoding === 'identity') continue;
    if (!Object.hasOwn(DECODERS, encoding)) {
      throw new DownloadError('E_DOWNLOAD', `the server compresses with "${encoding}"; take another address`);
    }
    // errors of either end come out of the last stream; where it is left unread, they are nobody's, and must not end the process
    const decoder = DECODERS[encoding]().on('error', () => undefined);
    plain = pipeline(plain, decoder, () => undefined) as unknown as Readable;
  }
  return plain;
}
