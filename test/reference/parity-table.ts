// `npm run parity`: how far each family is from PyTorch in each interpreter, as the table in docs/models.md.
import fs from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { chooseBackend } from '../../src/engine/backend';
import { OPERATIONS as KINDS } from '../../src/engine/operations';
import { takeTally } from '../../src/engine/tally';
import type { LabelledInputs } from '../../src/model/inputs';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { exportWeights } from '../../src/model/weights';
import { projectRoot } from '../../src/root';
import { TINY, TINY_FAMILIES } from './tiny-families';

interface Reference {
  inputs: Record<string, number[][]>;
  hides?: boolean;
  start: number[];
  end: number[];
  startLogits: number[][];
  endLogits: number[][];
  gradients: Record<string, number[]>;
}

/** Compiled steps are those of `kernels`. */
const OPERATIONS = KINDS.filter((kind) => kind !== 'compiled');

const FILE = path.join(projectRoot(), 'docs', 'models.md');
const [BEGIN, END] = ['<!-- parity: made by npm run parity -->', '<!-- end of parity -->'];

function inputsOf({ inputs, hides, start, end }: Reference): LabelledInputs {
  const integers = (rows: number[][]) => tf.tensor2d(rows, undefined, 'int32');
  return {
    inputIds: integers(inputs.input_ids),
    attentionMask: integers(inputs.attention_mask),
    ...(inputs.token_type_ids && { tokenTypeIds: integers(inputs.token_type_ids) }),
    ...(hides && { lengths: inputs.attention_mask.map((row) => row.reduce((a, b) => a + b, 0)) }),
    startPositions: tf.tensor1d(start, 'int32'),
    endPositions: tf.tensor1d(end, 'int32'),
  };
}

/** |a - b| / |b| of the worst gradient that is not zero by construction. */
function worstGradient(ours: Record<string, ArrayLike<number>>, theirs: Record<string, number[]>): number {
  const sizes = Object.values(theirs).map((list) => Math.hypot(...list));
  const least = 1e-4 * Math.max(...sizes);
  const relative = Object.entries(theirs).map(([name, list]) => {
    const size = Math.hypot(...list);
    return size < least ? 0 : Math.hypot(...list.map((value, i) => ours[name][i] - value)) / size;
  });
  return Math.max(...relative);
}

function figures(name: string): string[] {
  const reference = JSON.parse(fs.readFileSync(path.join(TINY, name, 'reference.json'), 'utf8')) as Reference;
  const model = QuestionAnsweringModel.fromPretrained(path.join(TINY, name));
  const inputs = inputsOf(reference);
  const theirs = [...reference.startLogits.flat(), ...reference.endLogits.flat()];
  const cells = OPERATIONS.map((kind) => {
    process.env.SPANLAB_OPERATIONS = kind;
    takeTally();
    const { startLogits, endLogits } = model.forward(inputs);
    const elsewhere = Object.keys(takeTally()).filter((key) => !key.startsWith(`${kind}.`));
    const ours = [...startLogits.dataSync(), ...endLogits.dataSync()];
    const logits = Math.max(...theirs.map((value, i) => (value < -1e29 ? 0 : Math.abs(value - ours[i]))));
    const { gradients } = model.lossAndGradients(inputs);
    const named = exportWeights(model.config, (weight) => gradients[weight].dataSync() as Float32Array);
    const lists = Object.fromEntries([...named].map(([weight, { values }]) => [weight, values]));
    const note = elsewhere.length > 0 ? ` (${elsewhere.join(', ')})` : '';
    return `${logits.toExponential(0)}, ${worstGradient(lists, reference.gradients).toExponential(0)}${note}`;
  });
  model.dispose();
  return [`\`${name}\``, ...cells];
}

async function main(): Promise<void> {
  await chooseBackend('tensorflow');
  const rows = [
    ['family', ...OPERATIONS.map((kind) => `\`${kind}\``)],
    ['---', ...OPERATIONS.map(() => '---')],
    ...TINY_FAMILIES.map(figures),
  ].map((cells) => `| ${cells.join(' | ')} |`);
  const text = fs.readFileSync(FILE, 'utf8');
  const [before, after] = [text.slice(0, text.indexOf(BEGIN)), text.slice(text.indexOf(END))];
  fs.writeFileSync(FILE, `${before}${BEGIN}\n\n${rows.join('\n')}\n\n${after}`);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
