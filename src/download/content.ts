// The bytes of a file out of an answer that is compressed, although nobody asked for that.
import { type Readable, pipeline, Transform } from 'node:stream';
import zlib from 'node:zlib';
import { quoted } from '../printable';
import { shown } from './address';
import { DownloadError } from './errors';
import type { Answer } from './http';

type Decoder = Transform & { /** That were read so far. */ bytesWritten: number };

const DECODERS: Record<string, () => Decoder> = {
  gzip: zlib.createGunzip,
  'x-gzip': zlib.createGunzip,
  deflate: zlib.createInflate,
  br: zlib.createBrotliDecompress,
};

/** Files shrink to a tenth or a twentieth. What grows more than this many times, beyond {@link SMALL} bytes, was made to fill disks. */
const MOST_GROWTH = 150;
const SMALL = 32e6;

/**
 * A body without its `Content-Encoding`.
 *
 * @param url Where it comes from, for messages.
 * @throws DownloadError `E_DOWNLOAD` for one that nobody here can read, or that grows without measure
 */
export function plainBody({ headers, body }: Answer, url: string): AsyncIterable<Uint8Array> {
  const encodings = (headers.get('content-encoding') ?? '').toLowerCase().split(',').map((name) => name.trim()); // prettier-ignore
  let plain: Readable = body;
  for (const encoding of encodings.reverse()) {
    if (encoding === '' || encoding === 'identity') continue;
    if (!Object.hasOwn(DECODERS, encoding)) {
      throw new DownloadError(
        'E_DOWNLOAD',
        `${shown(url)}: the server compresses with ${quoted(encoding)}; take another address`,
      );
    }
    // errors of either end come out of the last stream; where it is left unread, they are nobody's, and must not end the process
    const decoder = DECODERS[encoding]().on('error', () => undefined);
    plain = pipeline(plain, decoder, measured(decoder, url), () => undefined);
  }
  return plain;
}

/** Passes bytes on, as long as they are not far more than those that came. */
function measured(decoder: Decoder, url: string): Transform {
  let size = 0;
  const transform = (chunk: Uint8Array, _: string, done: (error: Error | null, chunk?: Uint8Array) => void) => {
    size += chunk.length;
    const isBomb = size > SMALL && size > MOST_GROWTH * decoder.bytesWritten;
    const problem = `${Math.round(decoder.bytesWritten / 1e3)} kB unpack to more than ${Math.round(size / 1e6)} MB`;
    const advice = 'check the address, or fetch it by other means';
    if (isBomb) done(new DownloadError('E_DOWNLOAD', `${shown(url)}: ${problem}, as no file does; ${advice}`));
    else done(null, chunk);
  };
  return new Transform({ transform }).on('error', () => undefined);
}
