// `spanlab data`: look at a data set, convert it, split it.
import fs from 'node:fs';
import path from 'node:path';
import { defineCommand } from 'citty';
import { toFileError } from '../errors';
import type { DataReport } from '../squad/check';
import { checkData } from '../squad/check';
import { splitByArticle } from '../squad/split';
import { SquadError } from '../squad/errors';
import { writeSquad } from '../squad/write';
import { readForCounting, readMended, readRecords, writeRecords } from './data-files';
import { jsonOption, number } from './options';
import { printResult } from './result';
import { UsageError } from './usage';

const file = {
  type: 'positional',
  description: 'SQuAD (.json), CSV (.csv, .tsv) or JSON Lines (.jsonl)',
  required: true,
} as const;

const check = defineCommand({
  meta: { name: 'check', description: 'count what a file holds, and the answers that are not where it says' },
  args: {
    file,
    strict: { type: 'boolean', description: 'fail at the first thing that is wrong, of any kind' },
    json: jsonOption,
  },
  run({ args }) {
    printReport(checkData(readForCounting(args.file, args.strict)), args.json);
  },
});

function printReport({ repair, duplicateIds, emptyContexts, distances, ...counts }: DataReport, json?: boolean): void {
  const { exact, oneLeft, twoLeft, elsewhere, notFound } = repair;
  printResult(
    {
      ...counts,
      ...{ exact, shifted: oneLeft + twoLeft, one_left: oneLeft, two_left: twoLeft },
      ...{ found_elsewhere: elsewhere, not_found: notFound, distances },
      ...{ duplicate_ids: duplicateIds, empty_contexts: emptyContexts },
    },
    json,
  );
}

const convert = defineCommand({
  meta: { name: 'convert', description: 'from one format to another, by the names of the files' },
  args: {
    file,
    out: { type: 'string', description: 'file to write', required: true },
    mend: { type: 'boolean', description: 'mend what is wrong, or leave it out, and say so' },
    json: jsonOption,
  },
  run({ args }) {
    const { records, mended, leftOut } = args.mend
      ? readMended(args.file)
      : { records: readRecords(args.file), mended: 0, leftOut: 0 };
    writeRecords(args.out, records);
    const remedies = args.mend ? { mended, left_out: leftOut } : {};
    printResult({ out: args.out, questions: records.length, ...remedies }, args.json);
  },
});

const split = defineCommand({
  meta: { name: 'split', description: 'into train.json and dev.json, which share no article' },
  args: {
    file,
    out: { type: 'string', description: 'folder for the two files', required: true },
    share: { type: 'string', description: 'of the questions in dev.json', default: '0.1' },
    seed: { type: 'string', description: 'fixes the draw', default: '0' },
    json: jsonOption,
  },
  run({ args }) {
    const share = number(args, 'share', { max: 1 });
    const [train, dev] = splitByArticle(readRecords(args.file), share, number(args, 'seed', { integer: true }));
    if (train.length === 0 || dev.length === 0) {
      const advice = 'give titles to what belongs together, and another --share';
      throw new SquadError(
        'E_SQUAD_SPLIT',
        `${args.file}: one part would be empty, its texts are one article; ${advice}`,
      );
    }
    const [trainFile, devFile] = ['train.json', 'dev.json'].map((name) => path.join(args.out, name));
    try {
      fs.mkdirSync(args.out, { recursive: true });
      const input = fs.realpathSync(args.file);
      if ([trainFile, devFile].some((file) => fs.existsSync(file) && fs.realpathSync(file) === input)) {
        throw new UsageError(`--out is the folder of ${args.file}, which would be written over; choose another`);
      }
    } catch (error) {
      throw toFileError(error, args.out);
    }
    writeSquad(trainFile, train);
    writeSquad(devFile, dev);
    printResult({ out: args.out, train: train.length, dev: dev.length }, args.json);
  },
});

const stats = defineCommand({
  meta: { name: 'stats', description: 'how long questions, texts and answers are' },
  args: { file, json: jsonOption },
  run({ args }) {
    const records = readRecords(args.file);
    const contexts = [...new Set(records.map((record) => record.context))];
    const answers = records.flatMap((record) => record.answers.map((answer) => answer.text));
    printResult(
      {
        questions: records.length,
        impossible_share: records.filter((record) => record.isImpossible).length / (records.length || 1),
        question_words: lengths(records.map((record) => record.question)),
        context_words: lengths(contexts),
        answer_words: lengths(answers),
      },
      args.json,
    );
  },
});

/** Words of texts: the shortest, the one in the middle, the longest. */
function lengths(texts: string[]): { least: number; median: number; most: number } {
  const counts = texts.map((text) => text.split(/\s+/).filter(Boolean).length).sort((a, b) => a - b);
  const at = (share: number) => counts[Math.floor(share * (counts.length - 1))] ?? 0;
  return { least: at(0), median: at(0.5), most: at(1) };
}

export default defineCommand({
  meta: { name: 'data', description: 'check, convert, split and measure data sets' },
  subCommands: { check, convert, split, stats },
});
