// `spanlab tokenize`: the tokens, offsets and labels of a file in SQuAD format, a line a feature.
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { defineCommand } from 'citty';
import { toFileError } from '../errors';
import { refuseBusy } from '../folder-lock';
import type { SquadRecord } from '../squad/record';
import type { SourceOptions } from '../squad/source';
import { refuseSpecial } from '../staged-file';
import type { Features } from '../tokens/features';
import { lessonFeatures } from '../tokens/lesson';
import { Tokenizer } from '../tokens/tokenizer';
import type { WindowOptions } from '../tokens/window-lengths';
import { windows } from '../tokens/windows';
import { fileOptions, sourceOptions } from './columns';
import { readPlaced } from './data-files';
import { modelFolder } from './model';
import { jsonOption, modelOption, number } from './options';
import { printResult } from './result';
import { UsageError } from './usage';
import { counted } from '../counted';

const ORDERS = ['question-first', 'context-first'] as const;
const MODES = ['windows', 'lesson'] as const;

export default defineCommand({
  args: {
    model: modelOption,
    data: { type: 'string', description: 'questions in any form of docs/data.md', required: true },
    out: { type: 'string', description: 'file to write, one line per feature', required: true },
    mode: { type: 'string', description: 'windows (as run_qa) or lesson (one row, cut)', default: 'windows' },
    order: { type: 'string', description: 'question-first (default) or context-first (default of the lesson)' },
    'max-length': {
      type: 'string',
      description: "tokens per row (default 384; in the mode lesson, the model's limit)",
    },
    'doc-stride': { type: 'string', description: 'tokens by which windows overlap (default 128)' },
    ...fileOptions,
    json: jsonOption,
  },
  async run({ args }) {
    const mode = oneOf(args.mode, 'mode', MODES);
    const options = rowOptions(args);
    if (mode === 'lesson' && options.docStride !== undefined) {
      throw new UsageError('--doc-stride is for --mode windows: the lesson makes one row a question');
    }
    refuseBusy(path.dirname(args.out));
    const records = readRecords(args.data, mode, sourceOptions(args));
    const tokenizer = await Tokenizer.fromFolder(await modelFolder(args.model));
    const features = await (mode === 'lesson' ? lessonFeatures : windows)(records, tokenizer, options);
    await writeLines(args.out, features, records);
    const text = `${counted(features.count, 'row')} of tokens, from ${counted(records.length, 'question')}, written to ${args.out}.\n`;
    printResult({ out: args.out, questions: records.length, features: features.count }, args.json, text);
  },
});

/** The lesson has a row for each answer, and takes plausible answers for true ones. */
function readRecords(file: string, mode: (typeof MODES)[number], options: SourceOptions): SquadRecord[] {
  const records = readPlaced(file, { ...options, answers: mode === 'lesson' ? 'lesson' : 'honest' });
  if (mode === 'windows') return records;
  return records.flatMap((record) =>
    record.answers.length > 0 ? record.answers.map((answer) => ({ ...record, answers: [answer] })) : [record],
  );
}

function rowOptions(args: Record<string, unknown>): WindowOptions {
  const options: WindowOptions = {};
  if (args.order !== undefined) options.order = oneOf(args.order, 'order', ORDERS);
  if (args['max-length'] !== undefined) options.maxLength = number(args, 'max-length', { min: 4, integer: true });
  if (args['doc-stride'] !== undefined) options.docStride = number(args, 'doc-stride', { integer: true });
  return options;
}

function oneOf<T extends string>(value: unknown, name: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw new UsageError(`--${name} is "${value}"; choose ${choices.join(' or ')}`);
  return choice;
}

async function writeLines(file: string, features: Features, records: SquadRecord[]): Promise<void> {
  if (file !== '/dev/stdout') refuseSpecial(file);
  try {
    await pipeline(lines(features, records), createWriteStream(file));
  } catch (error) {
    throw toFileError(error, file);
  }
}

function* lines(features: Features, records: SquadRecord[]): Generator<string> {
  for (let row = 0; row < features.count; row++) yield `${JSON.stringify(featureLine(features, row, records))}\n`;
}

/** Positions of offsets are UTF-16, in the question or the context that the token came from. */
function featureLine(features: Features, row: number, records: SquadRecord[]): Record<string, unknown> {
  const [start, end] = features.rowStart.subarray(row, row + 2);
  const offsets = Array.from({ length: end - start }, (_, i) => [...features.offsets.subarray(2 * (start + i), 2 * (start + i) + 2)]); // prettier-ignore
  return {
    id: records[features.record[row]].id,
    overflow: features.overflow[row],
    input_ids: [...features.inputIds.subarray(start, end)],
    token_type_ids: [...features.tokenTypeIds.subarray(start, end)],
    offsets,
    start_position: features.startPositions[row],
    end_position: features.endPositions[row],
  };
}
