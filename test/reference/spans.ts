// `node --import tsx test/reference/spans.ts MODEL_DIR DATA_JSON [MAX_LENGTH DOC_STRIDE]`: the answers to every question beside
// those of run_qa's rules in Python on the same scores; exit 1 where a span differs.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chooseBackend } from '../../src/engine/backend';
import { evaluate } from '../../src/evaluation/evaluate';
import { writeLogits } from '../../src/evaluation/output';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { cacheFolder } from '../../src/root';
import { readSquadRecords } from '../../src/squad/read';
import { Tokenizer } from '../../src/tokens/tokenizer';

async function main([folder, data, maxLength = '384', docStride = '128']: string[]): Promise<void> {
  await chooseBackend();
  const records = readSquadRecords(data);
  const lengths = { maxLength: Number(maxLength), docStride: Number(docStride) };
  const model = QuestionAnsweringModel.fromPretrained(folder);
  const evaluation = await evaluate(model, await Tokenizer.fromFolder(folder), records, lengths);
  const target = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  const [ours, logits] = [path.join(target, 'ours.json'), path.join(target, 'logits.safetensors')];
  const questions = records.map(({ question, context }, i) => ({ question, context, ...evaluation.predictions[i] }));
  fs.writeFileSync(ours, JSON.stringify(questions));
  writeLogits(logits, evaluation.features, evaluation.logits);
  const script = path.join(__dirname, 'run_qa.py');
  const python = path.join(cacheFolder('reference'), 'bin', 'python');
  execFileSync(python, [script, 'compare', folder, ours, logits, maxLength, docStride], { stdio: 'inherit' });
  fs.rmSync(target, { recursive: true });
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
