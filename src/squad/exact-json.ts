// JSON whose long whole numbers keep all their digits: data bases count ids beyond 2^53, where numbers of JavaScript are rounded, and two
// questions would get one id. Ids keep their signs as they are: 1.50 is another than 1.5.

/** As many digits as no exact number is sure to have. */
const LONG = /[:[,]\s*-?\d{16}/;
const STRING_OR_LONG = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/** An id that JavaScript would write otherwise. */
const ODD_ID = /id"\s*:\s*(?:-?\d+[.e]|-0)/i;
const ID = /^"(?:q|qa|u|gu)?id"$|[_-]id"$|[a-z]Id"$/;
const STRING_OR_ID = /("(?:[^"\\]|\\.)*")(?:(\s*:\s*)(-?\d[\d.eE+-]*))?/g;

/**
 * `JSON.parse`, but for whole numbers of 16 digits and more, which become texts.
 *
 * @throws SyntaxError
 * @example parseExactly('{"id": 1234567890123456789}') // { id: '1234567890123456789' }
 */
export function parseExactly(text: string): unknown {
  const value: unknown = JSON.parse(text); // first: what is wrong is told by its place in the file
  const isOdd = ODD_ID.test(text);
  if (!LONG.test(text) && !isOdd) return value;
  const whole = text.replace(STRING_OR_LONG, (part) => (part.startsWith('"') ? part : `"${part}"`));
  return JSON.parse(isOdd ? whole.replace(STRING_OR_ID, exactId) : whole);
}

function exactId(all: string, name: string, colon?: string, number?: string): string {
  if (number === undefined || !ID.test(name) || String(Number(number)) === number) return all;
  return `${name}${colon}"${number}"`;
}
