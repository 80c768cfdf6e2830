// Asks the native package how it sees every code point, and writes src/tokens/wordpiece/unicode-data.ts.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { bertNormalizer, bertPreTokenizer, nfdNormalizer } from 'tokenizers';

const OFF = { cleanText: false, handleChineseChars: false, stripAccents: false, lowercase: false };
const clean = bertNormalizer({ ...OFF, cleanText: true });
const strip = bertNormalizer({ ...OFF, stripAccents: true });
const nfd = nfdNormalizer();
const preTokenizer = bertPreTokenizer();

const isMark = (c: string) => strip.normalizeString(`a${c}`) === 'a';
const decomposes = (c: string) => nfd.normalizeString(c) !== c;
const reorders = (text: string) => nfd.normalizeString(text) !== text;

/** Each set of code points by how the native package treats its members. */
const SETS: Record<string, [comment: string, has: (c: string) => boolean]> = {
  REMOVED: ['Dropped by clean_text.', (c) => clean.normalizeString(`a${c}a`) === 'aa'],
  MARKS: ['Nonspacing marks, dropped by strip_accents.', isMark],
  PUNCTUATION: ['A word each.', (c) => preTokenizer.preTokenizeString(`a${c}a`).length === 3],
  KEPT_MARKS: [
    'Reordered among marks by the canonical decomposition (class not 0) and not dropped by strip_accents.',
    (c) => !isMark(c) && !decomposes(c) && (reorders(`a\u0345${c}`) || reorders(`a${c}\u0334`)),
  ],
  STARTERS: [
    'Nonspacing marks that the canonical decomposition does not move (class 0).',
    (c) => isMark(c) && !decomposes(c) && !reorders(`a\u0345${c}`) && !reorders(`a${c}\u0334`),
  ],
  WHOLE: [
    'Not decomposed, although newer versions of Unicode decompose them.',
    (c) => !decomposes(c) && c.normalize('NFD') !== c,
  ],
};

/** Gap to the last range and length of each range, in base 36. */
function encode(has: (c: string) => boolean): string {
  const numbers: number[] = [];
  let last = 0;
  let start = -1;
  for (let c = 0; c <= 0x110000; c++) {
    const inside = c < 0x110000 && (c < 0xd800 || c > 0xdfff) && has(String.fromCodePoint(c));
    if (inside && start < 0) start = c;
    if (!inside && start >= 0) {
      numbers.push(start - last, c - start);
      [last, start] = [c, -1];
    }
  }
  return numbers.map((n) => n.toString(36)).join(' ');
}

const header = `// Made by test/reference/tokens-unicode.ts from the package tokenizers 0.23.2; do not edit.
// Sets of code points: for each range, in base 36, the gap to the end of the range before and its length.`;
const body = Object.entries(SETS).map(
  ([name, [comment, has]]) => `/** ${comment} */\nexport const ${name} =\n  '${encode(has)}';`,
);
const target = path.join(__dirname, '..', '..', 'src', 'tokens', 'wordpiece', 'unicode-data.ts');
writeFileSync(target, `${[header, ...body].join('\n\n')}\n`);
