// What the error of a library says about a file, where it was written for people.

/** Errors that JavaScript itself makes when a library walks into bytes that it did not expect. */
const OWN =
  /undefined|null|not a function|not iterable|not a constructor|DataView|Offset|bounds|ArrayBuffer|[Tt]yped array|[Ii]nvalid (?:array|string|code point|count)|call stack|BigInt|[Ii]llegal offset/;

/**
 * The reason as a phrase in brackets, after a blank; empty where the error is JavaScript's own, such as "Cannot read properties of
 * undefined", which says nothing to who has the file.
 *
 * @example `it is damaged${libraryReason(new Error('unexpected end of file'))}` // 'it is damaged (unexpected end of file)'
 */
export function libraryReason(error: unknown): string {
  const { name = '', message = '' } = (error ?? {}) as Partial<Error>;
  const isOwn = /^(?:TypeError|RangeError|ReferenceError)$/.test(name) || OWN.test(message) || message === '';
  return isOwn ? '' : ` (${message.replace(/\s+/g, ' ').trim().slice(0, 200)})`;
}
