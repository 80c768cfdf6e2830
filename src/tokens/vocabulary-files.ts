// A vocabulary in the files from before tokenizer.json: vocab.txt, vocab.json with merges.txt, or a SentencePiece model.
import fs from 'node:fs';
import { join } from 'node:path';
import { readJsonObject } from '../json-file';
import { readLimited } from '../limited-file';
import { MISTAKEN_HEAD, mistakenFor } from '../mistaken-file';
import { decodeText } from '../text-file';
import { TokenError } from './errors';
import { type Flags, toFlags } from './python/added-tokens';
import type { PythonKind } from './python/classes';
import type { Vocabulary } from './python/rules';
import type { SentencePieceModel } from './sentencepiece/model-file';
import { checkMerges, checkSize } from './whole-vocabulary';

/** Bytes. */
const LARGEST_FILE = 64 << 20;

/** Names that SentencePiece models have in repositories. */
export const SENTENCEPIECE_NAMES = ['spm.model', 'spiece.model', 'sentencepiece.bpe.model', 'sentencepiece.model', 'tokenizer.model']; // prettier-ignore

/** The files in which each kind of tokenizer keeps its vocabulary. */
const FILES: Record<PythonKind, string[]> = {
  bert: ['vocab.txt'],
  mpnet: ['vocab.txt'],
  roberta: ['vocab.json'],
  deberta: ['vocab.json'],
  'xlm-roberta': ['sentencepiece.bpe.model', ...SENTENCEPIECE_NAMES],
  camembert: ['sentencepiece.bpe.model', ...SENTENCEPIECE_NAMES],
  albert: ['spiece.model', ...SENTENCEPIECE_NAMES],
  rembert: ['sentencepiece.model', ...SENTENCEPIECE_NAMES],
  'deberta-v2': ['spm.model', ...SENTENCEPIECE_NAMES],
  file: [],
};

/** The first file of a folder in which some kind keeps its vocabulary. */
export function vocabularyIn(dir: string): string | undefined {
  return Object.values(FILES).flat().find((name) => fs.existsSync(join(dir, name))); // prettier-ignore
}

/** A vocabulary, and the tokens that its file names special. */
export interface VocabularyFile {
  vocabulary: Vocabulary;
  special: Flags[];
}

/** What the folder says of the size of its vocabulary. */
export interface SizeSettings {
  /** `vocab_size` of config.json, as it stands there. */
  rows?: unknown;
  /** How many tokens other files add. */
  added: number;
}

/**
 * The vocabulary of a folder without tokenizer.json; undefined where it has none of the kind's files.
 *
 * @throws FileError; TokenError `E_TOKENIZER_FILE`, `E_TOKENIZER_UNSUPPORTED`
 */
export function readVocabulary(dir: string, kind: PythonKind, { rows, added }: SizeSettings): VocabularyFile | undefined {
  const name = FILES[kind].find((candidate) => fs.existsSync(join(dir, candidate)));
  if (name === undefined) return undefined;
  const file = join(dir, name);
  const found = readNamed(dir, name, kind);
  checkSize(file, sizeOf(found.vocabulary) + added, rows);
  return found;
} // prettier-ignore

function sizeOf({ vocab }: Vocabulary): number {
  return Array.isArray(vocab) ? vocab.length : Object.keys(vocab).length;
}

function readNamed(dir: string, name: string, kind: PythonKind): VocabularyFile {
  const file = join(dir, name);
  if (name === 'vocab.txt') return { vocabulary: { vocab: readLines(file) }, special: [] };
  if (name === 'vocab.json') return { vocabulary: readBpe(dir, file), special: [] };
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a package for its format, which few folders need
  const { readSentencePiece } = require('./sentencepiece/model-file') as typeof import('./sentencepiece/model-file');
  return fromSentencePiece(readSentencePiece(file), kind);
}

/** A token a line, numbered from 0; of a token that comes twice the later line counts, as in Python. */
function readLines(file: string): Record<string, number> {
  const bytes = readLimited(file, LARGEST_FILE);
  const mistaken = mistakenFor(bytes.subarray(0, MISTAKEN_HEAD), 'a vocabulary');
  if (mistaken !== undefined) throw new TokenError('E_TOKENIZER_FILE', `${file}: ${mistaken}`);
  const lines = decodeText(bytes, file).split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  return Object.fromEntries(lines.map((token, id) => [token, id]));
}

function readBpe(dir: string, file: string): Vocabulary {
  const vocab = readJsonObject(file, LARGEST_FILE, (problem) => new TokenError('E_TOKENIZER_FILE', problem));
  const merges = join(dir, 'merges.txt');
  const lines = decodeText(readLimited(merges, LARGEST_FILE), merges).split(/\r?\n/);
  const rules = lines.filter((line) => line !== '' && !line.startsWith('#version'));
  checkMerges(merges, rules.length, vocab);
  return { vocab: vocab as Record<string, number>, merges: rules };
}

type Scores = [token: string, score: number][];

/** Source: `convert_from_spm` of the converters in transformers 5.23. */
function fromSentencePiece({ pieces, whole, unkId, charsMap }: SentencePieceModel, kind: PythonKind): VocabularyFile {
  const special = whole.map(({ piece, isControl }) => ({
    __type: 'AddedToken', // what Python looks for, should it read the folder that this is saved in
    ...toFlags(piece, { special: isControl, normalized: false }),
  }));
  return { vocabulary: { vocab: arranged(pieces, kind), charsMap, unkId }, special };
}

/** fairseq put its own special tokens before the pieces, and Python goes by its numbers. */
function arranged(pieces: Scores, kind: PythonKind): Scores {
  const zero = (tokens: string[]): Scores => tokens.map((token) => [token, 0]);
  if (kind === 'xlm-roberta') return [...zero(['<s>', '<pad>', '</s>', '<unk>']), ...pieces.slice(3), ['<mask>', 0]];
  if (kind !== 'camembert') return pieces;
  const first = zero(['<s>NOTUSED', '<pad>', '</s>NOTUSED', '<unk>']);
  return [...first, ['<unk>NOTUSED', -100], ...pieces.slice(1), ['<mask>', 0]];
}
