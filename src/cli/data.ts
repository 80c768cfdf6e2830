// `spanlab data`: look at a data set, convert it, split it.
import fs from 'node:fs';
import path from 'node:path';
import { defineCommand } from 'citty';
import { toFileError } from '../errors';
import { refuseBusy, whileLocked } from '../folder-lock';
import { countProblems } from '../squad/problem';
import type { SquadRecord } from '../squad/record';
import { splitByArticle } from '../squad/split';
import { SquadError } from '../squad/errors';
import { writeSquad } from '../squad/write';
import { fileOptions, sourceOptions } from './columns';
import { countFile } from './data-counts';
import { type DataStats, type Lengths, convertedText, countsText, splitText, statsText } from './data-text';
import { readForCounting, readMended, readRecords, writeRecords } from './data-files';
import { jsonOption, number } from './options';
import { printResult } from './result';
import { UsageError } from './usage';
import { makeFolder } from '../make-folder';

const file = {
  type: 'positional',
  description:
    'questions in any form of docs/data.md: SQuAD, tables, JSON Lines, Parquet, exports of tools; also packed',
  required: true,
} as const;

const check = defineCommand({
  meta: { name: 'check', description: 'count what a file holds, and find answers that are not where it says' },
  args: {
    file,
    strict: { type: 'boolean', description: 'fail at the first problem of any kind' },
    ...fileOptions,
    json: jsonOption,
  },
  run({ args }) {
    const counts = countFile(readForCounting(args.file, args.strict === true, sourceOptions(args)));
    printResult(counts, args.json, countsText(args.file, counts));
  },
});

const convert = defineCommand({
  meta: { name: 'convert', description: 'convert from one format to another, going by the file names' },
  args: {
    file,
    out: { type: 'string', description: 'file to write', required: true },
    mend: { type: 'boolean', description: 'correct what is wrong or leave it out, and report each change' },
    to: {
      type: 'string',
      description: 'form to write (docs/data.md); by default the one that the name of --out implies',
    },
    ...fileOptions,
    json: jsonOption,
  },
  run({ args }) {
    const options = sourceOptions(args);
    refuseSameFile(args.file, args.out);
    refuseBusy(path.dirname(args.out));
    if (!args.mend) {
      const records = readRecords(args.file, options);
      writeRecords(args.out, records, args.file, args.to);
      const written = { out: args.out, questions: records.length };
      return printResult(written, args.json, convertedText(written));
    }
    const { records, mended, leftOut, problems } = readMended(args.file, options);
    writeRecords(args.out, records, args.file, args.to);
    const kinds = countProblems(problems);
    const counts = Object.fromEntries(kinds.map(({ kind, mended, leftOut, kept }) => [kind, mended + leftOut + kept]));
    const written = { out: args.out, questions: records.length, mended };
    const text = convertedText({ ...written, leftOut, kinds });
    printResult({ ...written, left_out: leftOut, problems: counts }, args.json, text);
  },
});

/** What was left out would be gone. */
function refuseSameFile(file: string, out: string): void {
  if (!fs.existsSync(out) || !fs.existsSync(file) || fs.realpathSync(out) !== fs.realpathSync(file)) return;
  throw new UsageError(`--out is the input file itself, ${out}; give it another name`);
}

const split = defineCommand({
  meta: { name: 'split', description: 'split into train.json and dev.json, which have no article in common' },
  args: {
    file,
    out: { type: 'string', description: 'folder for the two files', required: true },
    share: { type: 'string', description: 'fraction of the questions that go into dev.json', default: '0.1' },
    seed: { type: 'string', description: 'seed of the random draw', default: '0' },
    ...fileOptions,
    json: jsonOption,
  },
  run({ args }) {
    const share = number(args, 'share', { max: 1 });
    refuseBusy(args.out);
    const [train, dev] = splitByArticle(
      readRecords(args.file, sourceOptions(args)),
      share,
      number(args, 'seed', { integer: true }),
    );
    if (train.length === 0 || dev.length === 0) {
      const advice = 'give titles to what belongs together, and another --share';
      throw new SquadError(
        'E_SQUAD_SPLIT',
        `${args.file}: one part would be empty, its texts are one article; ${advice}`,
      );
    }
    const [trainFile, devFile] = ['train.json', 'dev.json'].map((name) => path.join(args.out, name));
    try {
      makeFolder(args.out);
      const input = fs.realpathSync(args.file);
      if ([trainFile, devFile].some((file) => fs.existsSync(file) && fs.realpathSync(file) === input)) {
        throw new UsageError(`--out is the folder of ${args.file}, which would be overwritten; choose another`);
      }
    } catch (error) {
      throw toFileError(error, args.out);
    }
    whileLocked(args.out, 'splitting data', () => {
      writeSquad(trainFile, train);
      writeSquad(devFile, dev);
    });
    const counts = { train: train.length, dev: dev.length };
    printResult({ out: args.out, ...counts }, args.json, splitText(trainFile, devFile, counts.train, counts.dev));
  },
});

const stats = defineCommand({
  meta: { name: 'stats', description: 'show how long questions, texts and answers are' },
  args: { file, ...fileOptions, json: jsonOption },
  run({ args }) {
    const measured = measure(readForCounting(args.file, false, sourceOptions(args)).asWritten);
    printResult(measured, args.json, statsText(measured));
  },
});

function measure(records: SquadRecord[]): DataStats {
  const impossible = records.filter(({ isImpossible }) => isImpossible).length;
  return {
    questions: records.length,
    impossible,
    unlabelled: records.filter(({ isUnlabelled }) => isUnlabelled).length,
    impossible_share: impossible / (records.length || 1),
    question_words: lengths(records.map(({ question }) => question)),
    context_words: lengths([...new Set(records.map(({ context }) => context))]),
    answer_words: lengths(records.flatMap(({ answers }) => answers.map(({ text }) => text))),
  };
}

/** Words of texts: the shortest, the one in the middle, the longest. */
function lengths(texts: string[]): Lengths {
  const counts = texts.map((text) => text.split(/\s+/).filter(Boolean).length).sort((a, b) => a - b);
  const at = (share: number) => counts[Math.floor(share * (counts.length - 1))] ?? 0;
  return { least: at(0), median: at(0.5), most: at(1) };
}

export default defineCommand({
  subCommands: { check, convert, split, stats },
});
