// `npm run reference [-- MODEL_DIR ...]`: Python's own numbers, from torch and transformers in an environment of their own (6 GB).
// It writes the small files that the default tests compare with, then opens folders saved by spanlab in Python.
// `npm run reference -- --family NAME` writes no more than the numbers of one family of model.py,
// `npm run reference -- --folders` those of tokenizer folders.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chooseBackend } from '../../src/engine/backend';
import { computeLogits } from '../../src/evaluation/logits';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { ensureWorkshopEncoder } from '../../src/model/workshop-encoder';
import { savePretrained } from '../../src/model/save';
import { cacheFolder, projectRoot } from '../../src/root';
import { readSquadRecords } from '../../src/squad/read';
import { Tokenizer } from '../../src/tokens/tokenizer';
import { writeCorpus } from './corpus';
import { windows } from '../../src/tokens/windows';

const here = path.join(projectRoot(), 'test', 'reference');
const python = path.join(cacheFolder('reference'), 'bin', 'python');
const run = (program: string, args: string[]) => execFileSync(program, args, { stdio: 'inherit' });

/** The versions that wrote the committed files. */
const PACKAGES = [
  ...['torch==2.15.0', 'transformers==5.23.0', 'torchmetrics==1.9.0'],
  ...['safetensors==0.8.0', 'onnx==1.23.2', 'onnxruntime==1.32.0', 'sentencepiece==0.2.3'],
];

function provideReference(): void {
  const complete = path.join(cacheFolder('reference'), '.complete');
  const packages = PACKAGES.join('\n');
  if (fs.existsSync(complete) && fs.readFileSync(complete, 'utf8') === packages) return;
  run('python3', ['-m', 'venv', cacheFolder('reference')]);
  run(python, ['-m', 'pip', 'install', '--quiet', ...PACKAGES]);
  fs.writeFileSync(complete, packages);
}

/** Our logits of some questions of the workshop data, for Python to compare. */
async function writeLogits(folder: string, file: string): Promise<void> {
  const model = QuestionAnsweringModel.fromPretrained(folder);
  const tokenizer = await Tokenizer.fromFolder(folder);
  const records = readSquadRecords(path.join(projectRoot(), 'data', 'workshop', 'dev.json')).slice(0, 40);
  const features = await windows(records, tokenizer, { maxLength: 512 });
  const logits = await computeLogits(model, features);
  const rows = Array.from({ length: features.count }, (_, row) => {
    const slice = (values: ArrayLike<number>) =>
      Array.from(values).slice(features.rowStart[row], features.rowStart[row + 1]);
    const { question, context } = records[features.record[row]];
    return {
      question,
      context,
      inputIds: slice(features.inputIds),
      tokenTypeIds: slice(features.tokenTypeIds),
      startLogits: slice(logits.startLogits),
      endLogits: slice(logits.endLogits),
    };
  });
  fs.writeFileSync(file, JSON.stringify({ rows }));
  model.dispose();
}

/** Tokenizers of every kind. */
function writeTokenizers(): void {
  const tables = path.join(projectRoot(), 'src', 'tokens', 'pipeline');
  run(python, [path.join(here, 'pipeline_unicode.py'), path.join(tables, 'unicode-data.ts')]);
  run(python, [path.join(here, 'pipeline_tokenizers.py'), corpusFile(), path.join(here, 'pipeline')]);
  writeFolders();
}

/** What transformers makes of tokenizer folders as people have them. */
function writeFolders(): void {
  run(python, [path.join(here, 'folders.py'), corpusFile(), path.join(here, 'pipeline'), path.join(here, 'folders')]);
}

function corpusFile(): string {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'corpus.txt');
  writeCorpus(file);
  return file;
}

async function compare(folder: string): Promise<void> {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'logits.json');
  await writeLogits(folder, file);
  run(python, [path.join(here, 'compare_logits.py'), folder, file]);
}

/** The numbers of the named families, else of all. */
function writeFamilies(names: string[]): void {
  const tiny = path.join(here, 'tiny');
  run(python, [path.join(here, 'model.py'), tiny, ...names]);
  run(python, [path.join(here, 'inside.py'), tiny, path.join(here, 'inside.json'), ...names]);
  run(python, [path.join(here, 'saved.py'), tiny, path.join(here, 'saved'), ...names]);
}

async function main(args: string[]): Promise<void> {
  const options = { family: { type: 'string', multiple: true }, folders: { type: 'boolean' } } as const;
  const { values, positionals: folders } = parseArgs({ args, options, allowPositionals: true });
  provideReference();
  if (values.folders) return writeFolders();
  writeFamilies(values.family ?? []);
  if (values.family) return;
  await chooseBackend();
  const encoder = await ensureWorkshopEncoder();
  run(python, [path.join(here, 'schedules.py'), path.join(here, 'schedules.json')]);
  run(python, [path.join(here, 'training.py'), path.join(here, 'tiny', 'bert'), path.join(here, 'training.json')]);
  run(python, [path.join(here, 'buckets.py'), path.join(here, 'buckets.json')]);
  run(python, [path.join(here, 'safetensors_cases.py'), path.join(here, 'safetensors.json')]);
  run(python, [path.join(here, 'metrics.py'), path.join(here, 'metrics.json')]);
  run(python, [path.join(here, 'encoder.py'), encoder, path.join(here, 'encoder.json')]);
  const saved = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'model');
  const model = QuestionAnsweringModel.fromPretrained(encoder);
  await savePretrained(model, await Tokenizer.fromFolder(encoder), saved);
  for (const folder of [saved, ...folders]) await compare(folder);
  writeTokenizers();
  run(python, [path.join(here, 'checkpoints.py'), path.join(here, 'checkpoints')]);
  const script = (file: string) => [...process.execArgv, path.join(here, file)];
  run(process.execPath, script('saved-back.ts'));
  run(process.execPath, script('hub-cache.ts'));
  run(process.execPath, [...script('onnx.ts'), ...folders]);
  run(process.execPath, script('evaluation.ts'));
  const dev = path.join(projectRoot(), 'data', 'workshop', 'dev.json');
  for (const folder of [saved, ...folders]) run(process.execPath, [...script('spans.ts'), folder, dev]);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
