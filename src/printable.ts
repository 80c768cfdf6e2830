// Texts from files, shown: what a terminal would obey and what an eye cannot see is written out.

/** Control characters, marks of direction, invisible spaces, half characters. Line breaks and tabs stay. */
const UNSEEN =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/** A message may quote a whole file; nobody reads more of it. UTF-16 units. */
const LONGEST = 2000;

/**
 * A text as it can be printed: escape sequences of a file do not reach the terminal, and of a text of megabytes the middle is left out.
 *
 * @example printable('\u001b[2J') // '\\u001b[2J'
 */
export function printable(text: string, longest = LONGEST): string {
  const half = Math.floor(longest / 2);
  // what to do is said at the end of a message
  const cut = text.length > longest ? `${text.slice(0, half)} … ${text.slice(-half)}` : text;
  return cut.replace(UNSEEN, escaped);
}

const escaped = (character: string) =>
  character.length > 1
    ? `\\u{${character.codePointAt(0)!.toString(16)}}`
    : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** What a terminal obeys: control characters, and marks that turn the direction of a line. Line breaks and tabs stay. */
const OBEYED = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

/**
 * A text of any length as a terminal shows it: answers, questions and names are what they are in every language, and none of them
 * clears the screen. In JSON the value stays the same.
 *
 * @example terminalText('Ada\u001b[2J') // 'Ada\\u001b[2J'
 */
export function terminalText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(OBEYED, escaped);
}

/**
 * A value of a file in a message: as JSON, short, and whatever it is; nesting of any depth is no danger.
 *
 * @example quoted({ a: [1] }) // '{"a":[1]}'
 */
export function quoted(value: unknown, longest = 80): string {
  if (typeof value === 'string') return printable(JSON.stringify(value), longest);
  if (typeof value !== 'object' || value === null) return printable(String(JSON.stringify(value) ?? value), longest);
  try {
    return printable(JSON.stringify(value), longest);
  } catch {
    return Array.isArray(value) ? 'a list of lists' : 'an object of objects'; // too deep, or too long for one text
  }
}
