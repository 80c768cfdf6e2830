// Hostile files of every form, from a seed: each ends in a coded error or in right records, within 10 s and 1 GB.
//
//   node --import tsx test/squad/fuzz.ts --inputs 20000 [--form mrqa]
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import zlib from 'node:zlib';
import { Random } from '../../src/engine/random';
import { SpanlabError } from '../../src/errors';
import { FORMS } from '../../src/squad/forms';
import { type ImportedData, importBytes } from '../../src/squad/import';
import { type MadeFile, makeFile } from './generate';

/** What stands where something else was meant. */
const ODD: unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e308, -(2 ** 53), '', ' ', 'x', 'NaN', '[', "{'text': [", 'array(array(', '\u0000', '\ud800'],
  ...[[], {}, [[]], [null], { text: null }, { text: [1, null, {}], answer_start: 'x' }, { toString: 1 }, { length: 1e9 }],
  ...['__proto__', 'constructor', 'a'.repeat(20_000), '&#1114112;&#x0;&bogus;', '\u0301\u200b\u00ad', [['x', 1, {}]], { utf16: 3 }],
]; // prettier-ignore
const KEYS = [
  '__proto__',
  'qas',
  'question',
  'context',
  'answers',
  'data',
  'paragraphs',
  'label',
  'annotations',
  'header',
  'text',
];

const pick = <T>(random: Random, items: readonly T[]): T => items[random.integer(items.length)];

/** Every field and element of a value, with the object that holds it. */
function places(value: unknown, found: [Record<string, unknown>, string][] = []): typeof found {
  if (typeof value !== 'object' || value === null) return found;
  for (const key of Object.keys(value)) {
    found.push([value as Record<string, unknown>, key]);
    places((value as Record<string, unknown>)[key], found);
  }
  return found;
}

function spoilValue(random: Random, value: unknown): unknown {
  for (let i = 0; i < 1 + random.integer(3); i++) {
    const all = places(value);
    if (all.length === 0) return value;
    const [owner, key] = pick(random, all);
    const kind = random.integer(4);
    if (kind === 0) Reflect.deleteProperty(owner, key);
    else if (kind === 1)
      Object.defineProperty(owner, pick(random, KEYS), { value: owner[key], enumerable: true, configurable: true, writable: true }); // prettier-ignore
    else owner[key] = structuredClone(pick(random, ODD));
  }
  return value;
}

/** Wrong values in a right syntax; lines one by one. */
function spoilJson(random: Random, text: string): string {
  const lines = text.startsWith('[') || text.startsWith('{\n') ? [text] : text.trimEnd().split('\n');
  const at = random.integer(lines.length);
  try {
    lines[at] = JSON.stringify(spoilValue(random, JSON.parse(lines[at]))) ?? 'null';
  } catch {
    return text;
  }
  return lines.join('\n');
}

function spoilBytes(random: Random, bytes: Buffer): Buffer {
  let made = Buffer.from(bytes);
  for (let i = 0; i < 1 + random.integer(4) && made.length > 0; i++) {
    const at = random.integer(made.length);
    const size = random.integer(Math.min(200, made.length - at) + 1);
    const kind = random.integer(5);
    if (kind === 0) made[at] = random.integer(256);
    else if (kind === 1) made[at] = pick(random, [...Buffer.from('"\'{}[],:;\t\n\r\\ 09nN(-')]);
    else if (kind === 2) made = Buffer.concat([made.subarray(0, at), made.subarray(at + size)]);
    else if (kind === 3) made = Buffer.concat([made.subarray(0, at), made.subarray(at, at + size), made.subarray(at)]);
    else made = made.subarray(0, at);
  }
  return made;
}

const PARQUET = path.join(__dirname, 'parquet');

export const FUZZED = [...FORMS.map(({ name }) => name), 'parquet'];

/** The hostile file of a form with this number. */
export function hostileFile(form: string, seed: number): MadeFile {
  const random = new Random(seed);
  if (form === 'parquet') {
    const name = pick(random, fs.readdirSync(PARQUET));
    return { name, bytes: spoilBytes(random, fs.readFileSync(path.join(PARQUET, name))) };
  }
  const { name, bytes } = makeFile(FORMS.find((one) => one.name === form)!, seed % 500);
  if (/\.(?:gz|zip)$/.test(name) || bytes[0] === 0xff || random.integer(3) === 0) return { name, bytes: spoilBytes(random, bytes) };
  if (/\.(?:csv|tsv)$/.test(name)) return { name, bytes: spoilBytes(random, bytes) };
  const text = Buffer.from(spoilJson(random, bytes.toString()));
  return random.integer(8) === 0 ? { name: `${name}.gz`, bytes: zlib.gzipSync(text) } : { name, bytes: text };
} // prettier-ignore

/** @returns whether it was refused; @throws for what must not happen */
export function tryFile({ name, bytes }: MadeFile): boolean {
  const began = process.cpuUsage();
  try {
    checkRecords(importBytes(bytes, name));
    return false;
  } catch (error) {
    if (!(error instanceof SpanlabError) || !/^E_(?:SQUAD|FILE)_[A-Z]+$/.test(error.code)) throw error;
    if (/\n/.test(error.message) || error.message.length > 3000) throw new Error(`no single line: ${error.message.slice(0, 300)}`, { cause: error }); // prettier-ignore
    return true;
  } finally {
    const { user, system } = process.cpuUsage(began);
    const seconds = (user + system) / 1e6;
    if (seconds > 10) throw new Error(`${name} took ${seconds} s`);
  }
}

function checkRecords({ records, problems }: ImportedData): void {
  assert.equal(new Set(records.map(({ id }) => id)).size, records.length, 'an id twice');
  for (const { id, title, context, question, answers, isImpossible, isUnlabelled } of records) {
    for (const text of [id, context, question])
      assert.ok(typeof text === 'string' && text.trim() + id !== '', 'no text');
    assert.equal(typeof title, 'string');
    assert.equal(answers.length > 0, !(isImpossible || isUnlabelled === true), 'answers and none');
    for (const { text, answerStart, answerEnd } of answers) {
      assert.equal(context.slice(answerStart, answerEnd), text, 'an answer that is not there');
      assert.notEqual(text, '');
    }
  }
  for (const { path: place, what, kind } of problems) assert.ok(place && what && kind, 'a problem without words');
}

/** Tries files of a form; @returns how many were refused */
export function fuzz(form: string, from: number, to: number): number {
  let refused = 0;
  for (let seed = from; seed < to; seed++) {
    const file = hostileFile(form, seed);
    try {
      refused += Number(tryFile(file));
    } catch (error) {
      throw new Error(`${form}, seed ${seed}: ${(error as Error).stack}`, { cause: error });
    }
  }
  return refused;
}

function main(): void {
  const { values } = parseArgs({ options: { inputs: { type: 'string', default: '20000' }, form: { type: 'string' } } });
  const inputs = Number(values.inputs);
  for (const form of FUZZED.filter((name) => values.form === undefined || name === values.form)) {
    const began = process.cpuUsage();
    const refused = fuzz(form, 1000, 1000 + inputs);
    const seconds = (process.cpuUsage(began).user / 1e6).toFixed(0);
    const peak = (process.resourceUsage().maxRSS / 1e6).toFixed(2);
    console.log(`${form}: ${inputs} inputs, ${refused} refused, the rest right; ${seconds} s of CPU, peak ${peak} GB`);
  }
}

if (require.main === module) main();
