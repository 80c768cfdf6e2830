// What downloads leave in the place of a file: a page of a website, a pointer, the error of a server, a packed file. Each has its remedy.
import { packedKind } from './packed-kinds';
import { quoted } from './printable';

/** How much of a file has to be looked at, bytes. */
export const MISTAKEN_HEAD = 1024;

/** Fields of the objects in which servers say that something went wrong. */
const ERROR_FIELDS = ['error', 'errors', 'message', 'detail', 'status', 'statusCode', 'status_code', 'code', 'title', 'type', 'request_id', 'requestId']; // prettier-ignore

/**
 * What a file is instead of what its name says, as a phrase with the remedy; `undefined` where its beginning does not tell.
 *
 * @param start Its first bytes, at least {@link MISTAKEN_HEAD} where it has them.
 * @param wanted What it should be: `the weights`.
 * @example mistakenFor(Buffer.from('<!DOCTYPE html>'), 'the weights') // 'it is an HTML page, perhaps one to log in, not the weights; …'
 */
export function mistakenFor(start: Uint8Array, wanted: string): string | undefined {
  if (start.length === 0) return `it is empty, and not ${wanted}; fetch it again`;
  if (start[0] === 0x1f && start[1] === 0x8b) return `it is packed with gzip, and not ${wanted}; unpack it (gunzip)`;
  const packed = packedKind(start);
  if (packed !== undefined) return `${packed.what}, and not ${wanted}; unpack it (${packed.command})`;
  const text = Buffer.from(start).toString('utf8').replace(/^\ufeff/, '').trimStart(); // prettier-ignore
  if (text.startsWith('version https://git-lfs')) return `it is a pointer of Git LFS, not ${wanted}; run git lfs pull`;
  if (/^<(?:!doctype\s+html|html|head|body|!--|\?xml)/i.test(text)) {
    return `it is an HTML page, perhaps one to log in or of an error, not ${wanted}; fetch the file itself (on a hub its address has /resolve/, not /blob/), with a token where it is private`;
  }
  const said = serverError(text);
  return said === undefined ? undefined : `it is a server's answer, ${quoted(said)}, not ${wanted}; fetch it again, with a token where it is private`; // prettier-ignore
}

/** As `mistakenFor`, of a file that is not text: any text in its place is a mistake. */
export function mistakenForBytes(start: Uint8Array, wanted: string): string | undefined {
  const known = mistakenFor(start, wanted);
  if (known !== undefined || start.length < 8) return known;
  const text = Buffer.from(start).toString('latin1');
  return /^[\t\r\n -~]*$/.test(text) ? `it is a text, ${quoted(text.trim().slice(0, 60))}, not ${wanted}; fetch it again` : undefined; // prettier-ignore
}

/** The message of `{"error": "…"}` and its like: an object, or a line of text, that says nothing else. */
function serverError(text: string): string | undefined {
  if (!text.startsWith('{')) return /^(?:Entry not found|Not Found|Invalid username or password\.?|Access denied|Access to model .* is restricted|Repository not found)/i.exec(text)?.[0]; // prettier-ignore
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const keys = Object.keys(value);
  const isError = keys.length > 0 && keys.every((key) => ERROR_FIELDS.includes(key)) && keys.some((key) => /^(?:error|errors|message|detail)$/.test(key)); // prettier-ignore
  const said = value.error ?? value.message ?? value.detail ?? value.errors;
  return isError ? (typeof said === 'string' ? said : JSON.stringify(said)).slice(0, 100) : undefined;
}
