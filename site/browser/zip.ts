// Folders as zip archives: what the site gives a person to take away, and what it takes from one.
import { unzipSync, Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { FileError } from '../../src/errors';

/** Weights do not become smaller by being packed. */
const DENSE = /\.(safetensors|onnx|bin|wasm)$/;
/** What an archive may hold, in bytes: more than a tab has room for is no model for it. */
const MOST_BYTES = 1.5e9;
/** What systems put beside files. */
const IDLE = /(^|\/)(__MACOSX|\.DS_Store|Thumbs\.db)(\/|$)|\/$/;

/**
 * Packs files.
 *
 * @param folder What they are in, in the archive; nothing where it is empty.
 * @example packFiles('mine', [['config.json', bytes]])
 */
export function packFiles(folder: string, files: Iterable<[name: string, content: Uint8Array]>): Blob {
  const parts: BlobPart[] = [];
  const zip = new Zip((error, part) => {
    if (error) throw error;
    parts.push(part as Uint8Array<ArrayBuffer>);
  });
  for (const [name, content] of files) {
    const place = folder === '' ? name : `${folder}/${name}`;
    const entry = DENSE.test(name) ? new ZipPassThrough(place) : new ZipDeflate(place);
    zip.add(entry);
    entry.push(content, true);
  }
  zip.end();
  return new Blob(parts, { type: 'application/zip' });
}

/**
 * The files of an archive by name. A folder that holds everything is left away.
 *
 * @param archive Its name, for messages.
 * @throws FileError `E_FILE` where it is damaged, too large, or names places outside of itself.
 */
export function unpackFiles(archive: string, bytes: Uint8Array): Map<string, Uint8Array> {
  const problem = (text: string, cause?: unknown) => new FileError('E_FILE', `${archive}: ${text}`, { cause });
  let size = 0;
  let files: [string, Uint8Array][];
  try {
    const found = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (IDLE.test(name)) return false;
        if (isOutside(name))
          throw problem(`${name} would lie outside of its folder; pack the folder of the model anew`);
        if ((size += originalSize) > MOST_BYTES)
          throw problem('it holds more than 1,500 MB, which is too much for a tab');
        return true;
      },
    });
    files = Object.entries(found);
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw problem(`it is no zip archive, or damaged (${(error as Error).message}); pack or fetch it again`, error);
  }
  if (files.length === 0) throw problem('nothing is in it; pack the folder of a model');
  const [top] = files[0][0].split('/');
  const isWrapped = files.every(([name]) => name.startsWith(`${top}/`));
  return new Map(files.map(([name, content]) => [isWrapped ? name.slice(top.length + 1) : name, content]));
}

const isOutside = (name: string) => /^[/\\]|^[a-z]:|\\/i.test(name) || name.split('/').includes('..');

/** A name that a file or a folder can have, made of another. @example plainName('My model (1).zip') // 'My-model-1' */
export function plainName(name: string): string {
  const stem = name.replace(/^.*[/\\]/, '').replace(/\.[a-z]+$/i, '');
  return stem.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').replaceAll(/^[-.]+|[-.]+$/g, '') || 'model';
}
