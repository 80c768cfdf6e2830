// The model card, README.md: what a model is, how good it was found, what it was made from, and how to use it.
import fs from 'node:fs';
import path from 'node:path';
import { toFileError } from '../errors';
import { type CardData, type CardFacts, type CardOptions, collectFacts } from './card-facts';
import { cardMetadata } from './card-metadata';
import { usage } from './card-usage';
import { writeAtomically } from '../staged-file';

/** Its file in the model's folder. */
export const CARD = 'README.md';

/** A card with this line is ours, and is written anew each time. */
const OURS = '<!-- written by spanlab publish: delete this line and it will keep what you change here -->';

/**
 * Writes `README.md` into a model folder; one that a person wrote stays as it is.
 *
 * @returns whether it was written
 * @throws FileError, ModelError `E_MODEL_CONFIG`, TrainingError `E_RUN`
 * @example writeCard('models/mine', { name: 'somebody/mine' })
 */
export function writeCard(folder: string, options: CardOptions = {}): boolean {
  const text = cardText(folder, options);
  if (text !== undefined) writeAtomically(path.join(folder, CARD), text);
  return text !== undefined;
}

/** The card that would be written; nothing where a person wrote one. @throws as `writeCard` */
export function cardText(folder: string, options: CardOptions = {}): string | undefined {
  return isFree(path.join(folder, CARD)) ? modelCard(collectFacts(folder, options)) : undefined;
}

function isFree(file: string): boolean {
  try {
    return !fs.existsSync(file) || fs.readFileSync(file, 'utf8').includes(OURS);
  } catch (error) {
    throw toFileError(error, file);
  }
}

/** The card as Markdown with the hub's metadata at its head. */
export function modelCard(facts: CardFacts): string {
  const sections: [string, string][] = [
    [`# ${facts.name.split('/').at(-1)!}`, opening(facts)],
    ['## How to use it', usage(facts.name, facts.onnx.length > 0)],
    ['## How good it is', metricsTable(facts)],
    ['## What it learned from', dataTable(facts)],
    ['## How it was trained', trainingTable(facts)],
    ['## What it is for, and what not', limits(facts)],
    ...(facts.onnx.length ? [['## Files', filesTable(facts)] as [string, string]] : []),
  ];
  const body = sections.filter(([, text]) => text !== '').map(([title, text]) => `${title}\n\n${text}\n`);
  return `---\n${cardMetadata(facts)}---\n\n${OURS}\n\n${body.join('\n')}`;
}

function opening({ architecture, baseModel, nullThreshold }: CardFacts): string {
  const from = baseModel ? `, fine-tuned from \`${baseModel}\`` : '';
  const none = nullThreshold === undefined ? '' : ` It may also say that the text holds no answer (threshold ${nullThreshold.toFixed(3)} in \`config.json\`).`; // prettier-ignore
  return `A ${architecture} model for extractive question answering${from}: given a question and a text, it points at the words of the text that answer the question.${none}`;
}

const METRICS: [key: string, name: string][] = [
  ['exact', 'Exact match'],
  ['f1', 'F1'],
  ['HasAns_exact', 'Exact match, questions with an answer'],
  ['HasAns_f1', 'F1, questions with an answer'],
  ['NoAns_f1', 'Questions without an answer, found to have none'],
];

function metricsTable({ metrics, evaluatedOn }: CardFacts): string {
  const rows = METRICS.filter(([key]) => key in metrics).map(([key, name]) => [name, `${metrics[key].toFixed(1)} %`]);
  if (rows.length === 0) return 'It has not been measured.';
  const count = metrics.total === undefined ? 'the' : `${metrics.total}`;
  return `Measured on ${count} questions${evaluatedOn ? ` of ${dataName(evaluatedOn)}` : ''}, with the measures of SQuAD.\n\n${table(['measure', 'value'], rows)}`;
}

function dataTable({ trainedOn, evaluatedOn, rowsHash }: CardFacts): string {
  const files = [trainedOn && ['training', trainedOn], evaluatedOn && ['evaluation', evaluatedOn]] as [string, CardData][];
  const rows = files.filter(Boolean).map(([use, data]) => [use, dataName(data), hash(data.sha256)]);
  if (rowsHash) rows.push(['training, as rows of tokens', '`features.bin`', hash(rowsHash)]);
  return rows.length ? table(['for', 'file', 'SHA-256'], rows) : '';
} // prettier-ignore

const dataName = ({ name, hub }: CardData) => (hub ? `\`${name}\` (\`${hub}\`)` : `\`${name}\``);
const hash = (sha256?: string) => (sha256 ? `\`${sha256}\`` : 'not recorded');

function trainingTable({ training }: CardFacts): string {
  const rows = Object.entries(training).map(([name, value]) => [`\`${name}\``, `\`${JSON.stringify(value)}\``]);
  return rows.length ? table(['option', 'value'], rows) : '';
}

function limits({ language, maxPositions, nullThreshold }: CardFacts): string {
  return [
    `- It copies words out of the text it is given. It knows no facts of its own, does not reason over several texts, and does not count or calculate.`,
    `- It was trained for the language \`${language}\`, and for texts like those of its training data. On other kinds of text, measure it first.`,
    `- It reads at most ${maxPositions} tokens at once; longer texts are cut into windows, and an answer whose reason lies in another window can be missed.`,
    nullThreshold === undefined
      ? '- No threshold for "no answer" is stored with it, so that programs give an answer to every question, also to one that the text does not answer: look at the score.'
      : '- Its "no answer" is a guess like any other: look at the share of such questions that it found, above.',
    '- It repeats what a text says, true or not, and it may carry the biases of its encoder and of its training data. Do not let it decide about people.',
  ].join('\n');
}

function filesTable({ onnx }: CardFacts): string {
  const rows = onnx.map(({ name, bytes }) => [`\`${name}\``, `${(bytes / 1e6).toFixed(1)} MB`]);
  return `ONNX files for transformers.js (\`dtype\` \`fp32\`, \`fp16\`, \`q8\`) and ONNX Runtime.\n\n${table(['file', 'size'], rows)}`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
