// What a model learns in the browser's cells: the losses of Node on WebAssembly, with dropout, and those of PyTorch on WebGPU, as far as
// a software renderer shows it.
import assert from 'node:assert';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { type Site, addNotebook, errorsOf, MINUTE, openNotebook, openSite, runCell, textOf } from './opened';

const ROOT = path.resolve(__dirname, '..', '..');
const REFERENCE = path.join(ROOT, 'test', 'reference');
const STEPS = 20;

/** Twenty steps with the options of notebook 00. `encoder` is the folder of the encoder. */
const TRAIN = `import { QuestionAnsweringModel } from './src/model/question-answering';
import { placeAnswers } from './src/squad/end';
import { readSquadRecords } from './src/squad/read';
import { Tokenizer } from './src/tokens/tokenizer';
import { windows } from './src/tokens/windows';
import { Trainer } from './src/training/trainer';

const file = 'data/workshop/tutorial-train.json';
const records = placeAnswers(readSquadRecords(file), file).filter(({ isImpossible }) => !isImpossible);
const tokenizer = await Tokenizer.fromFolder(encoder);
const losses: number[] = [];
const trainer = new Trainer({
  model: QuestionAnsweringModel.fromPretrained(encoder, { seed: 0 }),
  features: await windows(records, tokenizer, { maxLength: 384 }),
  options: { steps: ${STEPS}, batchSize: 4, learningRate: 1.5e-4 },
  onStep: ({ loss }) => void losses.push(loss),
});
await trainer.run();
console.log('losses', losses.join(' '));`;

const CHOOSE = `import { chooseBackend } from './src/engine/backend';
const { name, version } = await chooseBackend('wasm');`;
const RESOLVE = `import { resolveModel } from './src/model/resolve';
const encoder = await resolveModel('workshop');`;

const lossesIn = (text: string) => /losses ([-\d. e]+)/.exec(text)![1].trim().split(' ').map(Number); // prettier-ignore

/** The same cells as a program of Node. */
function lossesInNode(encoder: string): number[] {
  const source = `${CHOOSE}\nconst encoder = ${JSON.stringify(encoder)};\n${TRAIN}\nconsole.log(name);`;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-losses-'));
  const file = path.join(folder, 'losses.mts');
  fs.writeFileSync(file, source.replaceAll(/from '\.(\/src\/[^']+)'/g, `from '${ROOT}$1.ts'`));
  try {
    const options = { cwd: ROOT, encoding: 'utf8', timeout: 5 * MINUTE } as const;
    const text = execFileSync(process.execPath, ['--import', require.resolve('tsx'), file], options);
    assert.match(text, /^wasm$/m);
    return lossesIn(text);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

async function cellsIn(site: Site, cells: string[]): Promise<string> {
  const page = await openNotebook(site, 'try.ipynb');
  let text = '';
  for (const place of cells.keys()) {
    const ran = await runCell(page, place);
    assert.deepEqual(errorsOf(ran), [], ran.source);
    text = textOf(ran);
  }
  assert.deepEqual(site.strangers, []);
  return text;
}

test(`the loss of ${STEPS} steps is Node's`, { timeout: 8 * MINUTE }, async () => {
  const cells = [CHOOSE, RESOLVE, TRAIN, "`${name} ${version} losses ${losses.join(' ')}`"];
  const site = await openSite({ change: (folder) => addNotebook(folder, 'try.ipynb', cells) });
  try {
    const text = await cellsIn(site, cells);
    assert.match(text, /wasm .*SIMD on \d+ threads/, 'WebAssembly on threads computed');
    const [here, node] = [lossesIn(text), lossesInNode(path.join(site.folder, 'encoder'))];
    assert.equal(here.length, STEPS);
    const differences = here.map((loss, step) => Math.abs(loss - node[step]));
    console.log(`largest difference of a loss from Node's: ${Math.max(...differences)}`);
    assert.ok(Math.max(...differences) < 1e-4, String(differences));
  } finally {
    await site.close();
  }
});

interface Reference {
  options: object;
  rows: { ids: number[]; start: number; end: number }[];
  losses: number[];
}

/** So many of the reference's hundred steps. */
const GPU_STEPS = 12;

test("WebGPU on SwiftShader gives PyTorch's losses", { timeout: 8 * MINUTE }, async () => {
  // torch 2.15.0, transformers 5.23.0, by test/reference/training.py
  const { options, rows, losses } = JSON.parse(
    fs.readFileSync(path.join(REFERENCE, 'training.json'), 'utf8'),
  ) as Reference;
  const cells = [
    `import { chooseBackend } from './src/engine/backend';
import * as tf from '@tensorflow/tfjs';
const choice = await chooseBackend('webgpu');
tf.env().set('WEBGPU_CPU_FORWARD', false); // else small tensors are computed in JavaScript
choice.name`,
    `import { QuestionAnsweringModel } from './src/model/question-answering';
import { Trainer } from './src/training/trainer';
const rows = ${JSON.stringify(rows)};
const lengths = rows.map(({ ids }) => ids.length);
const count = lengths.reduce((sum, length) => sum + length, 0);
const features = {
  count: rows.length,
  rowStart: Int32Array.from([0, ...lengths.map((_, i) => lengths.slice(0, i + 1).reduce((sum, length) => sum + length, 0))]),
  inputIds: Int32Array.from(rows.flatMap(({ ids }) => ids)),
  tokenTypeIds: new Uint8Array(count),
  offsets: new Int32Array(2 * count),
  contextStart: new Int32Array(rows.length).fill(1),
  contextEnd: Int32Array.from(lengths),
  startPositions: Int32Array.from(rows, ({ start }) => start),
  endPositions: Int32Array.from(rows, ({ end }) => end),
  record: Int32Array.from(rows, (_, i) => i),
  overflow: new Int32Array(rows.length),
};
const model = QuestionAnsweringModel.fromPretrained('models/tiny');
const losses: number[] = [];
const stop = new AbortController();
const trainer = new Trainer({
  model, features,
  options: { ...${JSON.stringify(options)}, shuffle: false, bucket: false },
  onStep: ({ step, loss }) => { losses.push(loss); if (step === ${GPU_STEPS}) stop.abort(); },
});
await trainer.run({ signal: stop.signal });
\`\${tf.getBackend()} losses \${losses.join(' ')}\``,
  ];
  const site = await openSite({
    args: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
    change: (folder) => {
      addNotebook(folder, 'try.ipynb', cells);
      offerModel(folder, path.join(REFERENCE, 'tiny', 'bert'), 'models/tiny');
    },
  });
  try {
    const text = await cellsIn(site, cells);
    assert.match(text, /webgpu losses/);
    const here = lossesIn(text);
    assert.equal(here.length, GPU_STEPS);
    const differences = here.map((loss, step) => Math.abs(loss - losses[step]));
    console.log(`largest difference of a loss from PyTorch's: ${Math.max(...differences)}`);
    assert.ok(Math.max(...differences) < 1e-3, String(differences));
  } finally {
    await site.close();
  }
});

/** Puts a model's folder among the files that the site has for its workers. */
function offerModel(site: string, from: string, to: string): void {
  const manifest = path.join(site, 'vm', 'manifest.json');
  const content = JSON.parse(fs.readFileSync(manifest, 'utf8')) as { files: Record<string, string> };
  for (const name of fs.readdirSync(from)) {
    fs.mkdirSync(path.join(site, 'vm', to), { recursive: true });
    fs.copyFileSync(path.join(from, name), path.join(site, 'vm', to, name));
    content.files[`/spanlab/${to}/${name}`] = `vm/${to}/${name}`;
  }
  fs.writeFileSync(manifest, JSON.stringify(content));
}
