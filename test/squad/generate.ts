// Files of questions in every form, made from a seed: texts with everything that goes wrong between an answer and its text.
import zlib from 'node:zlib';
import { zipSync } from 'fflate';
import { Random } from '../../src/engine/random';
import type { Form } from '../../src/squad/forms/form';
import type { Answer, SquadRecord } from '../../src/squad/record';

const WORDS = [
  ...['mill', 'Tarn', 'Ilse', 'Brandt', 'the', 'sold', 'it', 'in', '1903', '5–7', 'don’t', '“old”', "o'clock", 'Ilse’s', "Ankara'da", "l'eau", "we're", 'A&B', 'AT&amp;T'],
  ...['café', 'cafe\u0301', 'Łódź', 'naïve', 'ﬁsh', 'Straße', 'co\u00adop', 'x\u200by', '北京', '大学', '서울', '🚀', 'İzmir', 'ΟΔΟΣ'],
  ...['know', 'no', 'Brandts', '서울은', '제2차', 'IBM의', '12.03.1911', '14,000', '5km', 'وبالقاهرة', 'القاهرة', 'ירושלים', 'ไทยแลนด์', 'がくせい', '1990年'],
  ...['🇩🇪', '🇩🇪🇫🇷', '👨\u200d👩\u200d👧', '👍🏽', '👍', '❤\ufe0f', '❤', '1\ufe0f\u20e3', '♥\u20d3', 'ทองคำแท้', '🏴\u{e0067}\u{e0062}\u{e007f}'],
]; // prettier-ignore
const GAPS = [' ', ' ', ' ', ' ', '  ', '\u00a0', '\n', '\u2009'];

/** How a person's answer differs from its text. */
const CHANGES: ((text: string) => string)[] = [
  (text) => text.normalize('NFD'),
  (text) => text.normalize('NFC'),
  (text) => text.normalize('NFKC'),
  (text) => text.replace(/\s+/g, ' '),
  (text) => text.replace(/[“”]/g, '"').replace(/’/g, "'"),
  (text) => text.replace(/–/g, '-'),
  (text) => text.replace(/[\u00ad\u200b]/g, ''),
  (text) => text.replace(/&(?!amp;)/g, '&amp;'),
  (text) => text.replace(/&amp;/g, '&'),
  (text) => text.toUpperCase(),
  (text) => text.toLowerCase(),
  (text) => `${text} `,
  (text) => text.slice(0, -1),
  (text) => text.slice(0, Math.max(2, text.length >> 1)),
  (text) => text.slice(1),
  (text) => text.slice(-3),
  (text) => Array.from(text).slice(0, -1).join(''),
  (text) => Array.from(text).slice(1).join(''),
  (text) => Array.from(text)[0],
  (text) => text.replace(/['’].*$/s, ''),
  (text) => text.replace(/^.*['’]/s, ''),
  () => 'no',
  () => 'nowhere at all',
];

/** The forms whose answers are places: nothing can be wrong between the text of an answer and its place. */
const PLACES_ONLY = ['natural-questions', 'doccano'];

const pick = <T>(random: Random, items: readonly T[]): T => items[random.integer(items.length)];

function makeContext(random: Random): string {
  const words = Array.from({ length: 4 + random.integer(20) }, () => pick(random, WORDS));
  return words.map((word, i) => (i === 0 ? '' : pick(random, GAPS)) + word).join('');
}

function makeAnswer(random: Random, context: string, isSpoilt: boolean): Answer {
  const words = [...context.matchAll(/[^\s\u00a0\u2009]+/g)];
  const from = random.integer(words.length);
  const last = Math.min(words.length - 1, from + random.integer(3));
  const start = words[from].index;
  const text = context.slice(start, words[last].index + words[last][0].length);
  if (!isSpoilt || random.integer(3) > 0) return { text, answerStart: start };
  // no file in UTF-8 can hold half a character
  if (random.integer(2) === 0)
    return { text: pick(random, CHANGES)(text).replace(/\p{Surrogate}/gu, ''), answerStart: start };
  return { text, answerStart: Math.max(0, Math.min(context.length, start + random.integer(9) - 4)) };
}

/** Records with answers that are not all where they say. */
export function makeRecords(seed: number, form: string): SquadRecord[] {
  const random = new Random(seed);
  const isSpoilt = !PLACES_ONLY.includes(form) && random.integer(4) > 0;
  const records: SquadRecord[] = [];
  for (let text = 0; text < 1 + random.integer(4); text++) {
    const [context, title] = [makeContext(random), `article ${text}`];
    for (let i = 0; i < 1 + random.integer(3); i++) {
      const count = random.integer(5) === 0 ? 0 : 1 + random.integer(2);
      const made = Array.from({ length: count }, () => makeAnswer(random, context, isSpoilt));
      const answers = made.filter((one, k) => made.findIndex((other) => other.text === one.text && other.answerStart === one.answerStart) === k); // prettier-ignore
      const isUnlabelled = count === 0 && random.integer(2) === 0;
      const base = { id: `q${records.length}`, title, context, question: `What is ${records.length}?` };
      records.push({
        ...base,
        answers,
        plausibleAnswers: [],
        isImpossible: count === 0 && !isUnlabelled,
        ...(isUnlabelled && { isUnlabelled }),
      });
    }
  }
  return records;
}

export interface MadeFile {
  name: string;
  bytes: Buffer;
}

/** One file: some in UTF-16, some packed. */
export function makeFile(form: Form, seed: number): MadeFile {
  const text = form.write(makeRecords(seed, form.name));
  const random = new Random(seed + 1);
  const plain = random.integer(6) === 0 ? Buffer.from(`\ufeff${text}`, 'utf16le') : Buffer.from(text);
  const name = `${form.name}-${seed}.${form.ending}`;
  const kind = random.integer(6);
  if (kind === 0) return { name: `${name}.gz`, bytes: zlib.gzipSync(plain) };
  if (kind === 1) return { name: `${name}.zip`, bytes: Buffer.from(zipSync({ [name]: plain })) };
  return { name, bytes: plain };
}
