// What Python's transformers printed (test/reference/tokens.py), and our rows in the same form.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { SquadRecord } from '../../src/squad/record';
import type { Encoding } from '../../src/tokens/encoding';
import type { Features } from '../../src/tokens/features';
import type { EncodeOptions } from '../../src/tokens/tokenizer';

export interface Digest {
  rows: number;
  tokens: number;
  sha256: string;
}

type Row = (number | number[])[];
/** Text, ids, offsets, words, token of each code point, the decoded text with and without special tokens. */
type StringCase = [string, number[], number[], number[], number[], string, string];

export interface Reference {
  versions: Record<string, string>;
  strings: StringCase[];
  options: [Record<string, unknown>, Digest][];
  singleOptions: [Record<string, unknown>, Digest];
  records: [question: string, context: string, answer: string | null][];
  windows: ['question-first' | 'context-first', number, number, Row[]][];
  xquad: (Digest & { order: 'question-first' | 'context-first'; maxLength: number; overlap: number })[];
  lesson: Digest;
}

export const reference = JSON.parse(
  readFileSync(path.join(__dirname, '..', 'reference', 'tokens.json'), 'utf8'),
) as Reference;

/** The records that the reference windowed. */
export const referenceRecords: SquadRecord[] = reference.records.map(([question, context, answer], i) => ({
  id: `record-${i}`,
  title: 'Reference',
  context,
  question,
  answers: answer === null ? [] : [{ text: answer, answerStart: context.indexOf(answer) }],
  plausibleAnswers: [],
  isImpossible: answer === null,
}));

/** The options of a Python call in our spelling. */
export function toEncodeOptions(options: Record<string, unknown>): EncodeOptions {
  const camelCase = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [camelCase(name), value]));
}

const orNone = (values: (number | undefined)[]) => values.map((value) => value ?? -1);

/** A row as the reference prints it. */
export function toRow(encoding: Encoding, labels = [0, 0]): Row {
  const { sample, overflow, inputIds, tokenTypeIds, attentionMask, specialTokensMask, offsets } = encoding;
  const columns = [inputIds, tokenTypeIds, attentionMask, specialTokensMask, offsets].map((column) => [...column]);
  return [sample, overflow, ...columns, orNone(encoding.wordIds()), orNone(encoding.sequenceIds()), ...labels];
}

/** A row of features as the reference prints it, without the words, which features do not keep. */
export function toFeatureRow(features: Features, row: number): Row {
  const [start, end] = features.rowStart.subarray(row, row + 2);
  const ids = [...features.inputIds.subarray(start, end)];
  const types = [...features.tokenTypeIds.subarray(start, end)];
  const offsets = [...features.offsets.subarray(2 * start, 2 * end)];
  const { record, overflow, startPositions, endPositions } = features;
  return [record[row], overflow[row], ids, types, offsets, startPositions[row], endPositions[row]];
}

/** The part of a reference's row that {@link toFeatureRow} gives. */
export function withoutWords(row: Row): Row {
  return [row[0], row[1], row[2], row[3], row[6], row[9], row[10]];
}

export function digest(rows: Row[]): Digest {
  const tokens = rows.reduce((sum, row) => sum + (row[2] as number[]).length, 0);
  const text = rows.map((row) => JSON.stringify(row)).join('\n');
  return { rows: rows.length, tokens, sha256: createHash('sha256').update(text).digest('hex') };
}
