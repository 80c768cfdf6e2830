// A process that saves a model and kills itself at a chosen change of the file system: save-killed.ts MODEL FOLDER POINT
// Without POINT it saves to its end and prints how many changes that takes.
import fs from 'node:fs';
import { chooseBackend } from '../../src/engine/backend';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { savePretrained } from '../../src/model/save';
import { Tokenizer } from '../../src/tokens/tokenizer';

const CHANGES = [
  ...['mkdirSync', 'openSync', 'writeSync', 'writeFileSync', 'fsyncSync', 'closeSync', 'renameSync', 'rmSync'],
] as ('mkdirSync' | 'writeSync')[];

async function main(source: string, folder: string, point = Infinity): Promise<void> {
  await chooseBackend('cpu');
  const model = QuestionAnsweringModel.fromPretrained(source);
  const tokenizer = await Tokenizer.fromFolder(source);
  let count = 0;
  for (const name of CHANGES) {
    const original = fs[name] as (...args: unknown[]) => unknown;
    (fs as unknown as Record<string, unknown>)[name] = (...args: unknown[]) => {
      if (count++ >= point) process.kill(process.pid, 'SIGKILL');
      return original.apply(fs, args);
    };
  }
  await savePretrained(model, tokenizer, folder);
  process.stdout.write(String(count));
}

const [source, folder, point] = process.argv.slice(2);
void main(source, folder, point === undefined ? undefined : Number(point));
