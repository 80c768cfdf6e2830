// Packs all that the measurement on a GPU needs into pieces, for a machine that has an NVIDIA driver and PyTorch but no network:
//
//   SPANLAB_GPU=1 npm run setup && npm run bench:gpu -- pack FOLDER [--piece 45] [--generation 90] [--tiny]
//
// In the pieces: Node, the measurement as two files, the addon, TensorFlow's two libraries with the device code of one generation of
// GPUs, what XLA compiles with, and MiniLM with weights rounded to bfloat16 (both sides take the same). CUDA's large libraries are not
// in them: run.sh takes those of the machine's PyTorch. On the other machine: `python3 unpack.py TARGET PIECE…`, `sh TARGET/src/run.sh
// RESULTS`. `--tiny` is for a rehearsal on a processor.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Plugin, build } from 'esbuild';
import { chooseBackend } from '../../src/engine/backend';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { savePretrained } from '../../src/model/save';
import { ensureWorkshopEncoder } from '../../src/model/workshop-encoder';
import { projectRoot } from '../../src/root';
import { addonFile } from '../../src/setup/addon';
import { tensorflowFolder } from '../../src/setup/tensorflow';
import { placeAnswers } from '../../src/squad/end';
import { readSquadRecords } from '../../src/squad/read';
import type { Features } from '../../src/tokens/features';
import { Tokenizer } from '../../src/tokens/tokenizer';
import { windows } from '../../src/tokens/windows';
import { DataLoader } from '../../src/training/loader';
import { entriesOf } from './fatbin';
import type { Plan, Rows } from './plan';

const BATCH = 16;
const STEPS = 20;
const BERT_BASE = {
  vocab_size: 30522,
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
};

/** The data's tokens end to end, cut into rows of one length. */
function fullRows({ inputIds }: Features, length: number, batch: number, steps: number): Rows[] {
  const row = (number: number) => Array.from({ length }, (_, i) => inputIds[(number * length + i) % inputIds.length]);
  return Array.from({ length: steps }, (_, step) =>
    labelled(Array.from({ length: batch }, (_, i) => row(step * batch + i))),
  );
}

/** The data's own rows, those of similar length in one batch. */
function bucketedRows(features: Features, batch: number, steps: number): Rows[] {
  const tokens = (row: number) => features.inputIds.subarray(features.rowStart[row], features.rowStart[row + 1]);
  return new DataLoader(features, { shuffle: true, batchSize: batch })
    .plan(0)
    .filter((rows) => rows.length === batch)
    .slice(0, steps)
    .map((rows) => labelled(rows.map((row) => Array.from(tokens(row)))));
}

const labelled = (ids: number[][]): Rows => ({
  ids,
  start: ids.map((row, i) => (7 * i) % row.length),
  end: ids.map((row, i) => (7 * i + 2) % row.length),
});

/** The plan, and the folder of MiniLM beside it; `tiny` is for a rehearsal on a processor. */
async function writePlan(folder: string, tiny: boolean): Promise<void> {
  const encoder = await ensureWorkshopEncoder();
  const tokenizer = await Tokenizer.fromFolder(encoder);
  const model = QuestionAnsweringModel.fromPretrained(encoder);
  await savePretrained(model, tokenizer, path.join(folder, 'minilm'));
  roundWeights(path.join(folder, 'minilm', 'model.safetensors'));
  const data = path.join(projectRoot(), 'data', 'workshop', 'train.json');
  const features = await windows(placeAnswers(readSquadRecords(data), data), tokenizer, { maxLength: 384 });
  const [batch, steps] = tiny ? [2, 3] : [BATCH, STEPS];
  const small = { vocab_size: 30522, num_hidden_layers: 1, n_layers: 1 };
  const plan: Plan = {
    models: {
      minilm: { folder: 'minilm' },
      distilbert: { config: { model_type: 'distilbert', ...(tiny ? small : { vocab_size: 30522 }) } },
      bert: { config: { model_type: 'bert', ...BERT_BASE, ...(tiny && small) } },
    },
    shapes: {
      '128': fullRows(features, tiny ? 16 : 128, batch, steps),
      '384': fullRows(features, tiny ? 32 : 384, batch, steps),
      bucketed: tiny ? fullRows(features, 24, batch, steps) : bucketedRows(features, batch, steps),
    },
    warmup: 3,
  };
  fs.writeFileSync(path.join(folder, 'plan.json'), JSON.stringify(plan));
}

/** Rounds weights to bfloat16, which halves what they weigh once they are compressed; the header is left as it is. */
function roundWeights(file: string): void {
  const bytes = fs.readFileSync(file);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  for (let at = start; at + 4 <= bytes.length; at += 4) {
    const bits = bytes.readUInt32LE(at);
    const rounded = bits + 0x7fff + ((bits >>> 16) & 1);
    bytes.writeUInt32LE((rounded & 0xffff0000) >>> 0, at);
  }
  fs.writeFileSync(file, bytes);
}

/** The addon lies beside the script; node-pre-gyp would look for a package. */
const addonBeside: Plugin = {
  name: 'addon-beside',
  setup(bundler) {
    bundler.onResolve({ filter: /^@mapbox\/node-pre-gyp$/ }, ({ path: name }) => ({ path: name, namespace: 'addon' }));
    const contents = "module.exports = { find: () => require('path').join(__dirname, '..', 'tfjs_binding.node') };";
    bundler.onLoad({ filter: /.*/, namespace: 'addon' }, () => ({ contents }));
  },
};

async function writePrograms(folder: string): Promise<void> {
  for (const name of ['measure', 'spanlab-side']) {
    await build({
      entryPoints: [path.join(__dirname, `${name}.ts`)],
      outfile: path.join(folder, 'src', `${name}.cjs`),
      bundle: true,
      platform: 'node',
      target: 'node20',
      minify: true,
      keepNames: true,
      plugins: [addonBeside],
      external: ['webgpu', '@tensorflow/tfjs-backend-webgpu', 'tokenizers', 'aws-sdk', 'nock', 'mock-aws-s3'],
      logLevel: 'error',
    });
  }
  for (const name of ['torch_side.py', 'env.sh', 'run.sh', 'profile.sh', 'profile.cc'])
    fs.copyFileSync(path.join(__dirname, name), path.join(folder, 'src', name));
  fs.copyFileSync(path.join(projectRoot(), 'package.json'), path.join(folder, 'package.json'));
  fs.copyFileSync(process.execPath, path.join(folder, 'node'));
  execFileSync('strip', [path.join(folder, 'node')]);
}

/** What XLA and TensorFlow's own kernels need of CUDA beside the large libraries. */
const CUDA = ['cuda_nvcc/bin/ptxas', 'cuda_nvcc/nvvm/libdevice/libdevice.10.bc', 'cuda_runtime/lib/libcudart.so.12'];
/** Larger entries are the kernels of NCCL, which one GPU does not need. */
const LARGEST_ENTRY = 10e6;

function copyLibraries(folder: string, generation: number): void {
  const source = tensorflowFolder('gpu');
  fs.copyFileSync(addonFile(source), path.join(folder, 'tfjs_binding.node'));
  fs.mkdirSync(path.join(folder, 'tensorflow'));
  for (const part of ['cc', 'framework']) {
    const name = path.join('tensorflow', `libtensorflow_${part}.so.2`);
    execFileSync('strip', ['--strip-unneeded', '-o', path.join(folder, name), path.join(source, name)]);
    blankOthers(path.join(folder, name), generation);
  }
  for (const name of CUDA) {
    const target = path.join(folder, 'nvidia', name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.copyFileSync(path.join(source, 'nvidia', name), target);
  }
  fs.chmodSync(path.join(folder, 'nvidia', CUDA[0]), 0o755);
}

/** Overwrites the device code of other generations with zeros. */
function blankOthers(file: string, generation: number): void {
  const bytes = fs.readFileSync(file);
  const sections = execFileSync('readelf', ['-SW', file], { encoding: 'utf8' });
  for (const [, from, size] of sections.matchAll(/ (?:\.nv_fatbin|__nv_relfatbin) +PROGBITS +\S+ +(\S+) +(\S+)/g)) {
    const start = parseInt(from, 16);
    for (const entry of entriesOf(bytes, start, start + parseInt(size, 16))) {
      const isNeeded = !entry.isPtx && entry.architecture === generation && entry.to - entry.from < LARGEST_ENTRY;
      if (!isNeeded) bytes.fill(0, entry.from, entry.to);
    }
  }
  fs.writeFileSync(file, bytes);
}

/** One archive, cut into pieces. */
function writePieces(folder: string, target: string, megabytes: number): void {
  fs.mkdirSync(target, { recursive: true });
  const compress = 'xz -T0 --block-size=200MiB --x86 --lzma2=preset=6,dict=96MiB';
  const cut = `split -b ${megabytes * 1_000_000} -d - ${path.join(target, 'piece-')}`;
  execFileSync('sh', ['-c', `tar -C ${folder} -c . | ${compress} | ${cut}`], { stdio: 'inherit' });
  fs.copyFileSync(path.join(__dirname, 'unpack.py'), path.join(target, 'unpack.py'));
}

/** @param args The command line behind `pack`. */
export async function pack(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      piece: { type: 'string', default: '45' },
      generation: { type: 'string', default: '90' },
      tiny: { type: 'boolean', default: false },
    },
  });
  const [target] = positionals;
  if (!target) throw new Error('say which folder the pieces go to');
  if (!fs.existsSync(addonFile(tensorflowFolder('gpu')))) throw new Error('run SPANLAB_GPU=1 npm run setup first');
  const stage = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-gpu-'));
  try {
    await chooseBackend('tensorflow');
    await writePlan(stage, values.tiny);
    await writePrograms(stage);
    copyLibraries(stage, Number(values.generation));
    writePieces(stage, path.resolve(target), Number(values.piece));
  } finally {
    fs.rmSync(stage, { recursive: true });
  }
  console.log(`${fs.readdirSync(target).join(', ')} in ${target}`);
}
