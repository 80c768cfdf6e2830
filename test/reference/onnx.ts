// Exported models in Python: onnx.ts [MODEL_DIR ...] writes each model's three files with our logits, and check_onnx.py judges them.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chooseBackend } from '../../src/engine/backend';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { writeOnnx } from '../../src/publish/onnx/write';
import { cacheFolder } from '../../src/root';
import { TINY, TINY_FAMILIES } from './tiny-families';
import { makeRows, masked, ourLogits, typed } from '../publish/onnx/session';

const python = path.join(cacheFolder('reference'), 'bin', 'python');
const SHAPES = [
  [1, 1],
  [1, 16],
  [3, 14],
  [5, 7],
];

async function check(folder: string): Promise<void> {
  const out = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-onnx-'));
  const model = QuestionAnsweringModel.fromPretrained(folder);
  const files = await writeOnnx(model, out);
  const batches = SHAPES.map(([batch, sequence]) => {
    const rows = makeRows(batch, sequence, model.config.vocabularySize);
    const inputs = { input_ids: rows.ids, attention_mask: masked(rows), token_type_ids: typed(rows) };
    return { shape: [batch, sequence], inputs, logits: ourLogits(model, rows) };
  });
  model.dispose();
  const expected = path.join(out, 'logits.json');
  fs.writeFileSync(expected, JSON.stringify(batches));
  const paths = files.map(({ name }) => path.join(out, name));
  execFileSync(python, [path.join(__dirname, 'check_onnx.py'), expected, ...paths], { stdio: 'inherit' });
  fs.rmSync(out, { recursive: true });
}

async function main(folders: string[]): Promise<void> {
  await chooseBackend();
  const tiny = TINY_FAMILIES.map((name) => path.join(TINY, name));
  for (const folder of [...tiny, ...folders]) await check(folder);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
