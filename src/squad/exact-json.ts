// JSON whose long whole numbers keep all their digits: data bases count ids beyond 2^53, where numbers of JavaScript are rounded, and two
// questions would get one id.

/** As many digits as no exact number is sure to have. */
const LONG = /[:[,]\s*-?\d{16}/;
const STRING_OR_LONG = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/**
 * `JSON.parse`, but for whole numbers of 16 digits and more, which become texts.
 *
 * @throws SyntaxError
 * @example parseExactly('{"id": 1234567890123456789}') // { id: '1234567890123456789' }
 */
export function parseExactly(text: string): unknown {
  const value: unknown = JSON.parse(text); // first: what is wrong is told by its place in the file
  if (!LONG.test(text)) return value;
  return JSON.parse(text.replace(STRING_OR_LONG, (part) => (part.startsWith('"') ? part : `"${part}"`)));
}
