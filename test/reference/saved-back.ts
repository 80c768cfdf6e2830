// Families that spanlab saves, opened in Python: saved-back.ts [FOLDER ...] writes each tiny model as savePretrained does, and
// saved_back.py compares loading report and logits.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chooseBackend } from '../../src/engine/backend';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { savePretrained } from '../../src/model/save';
import { cacheFolder } from '../../src/root';
import type { Tokenizer } from '../../src/tokens/tokenizer';
import { TINY, TINY_FAMILIES } from './tiny-families';

const python = path.join(cacheFolder('reference'), 'bin', 'python');
/** The tiny models have none. */
const noTokenizer = { save: () => Promise.resolve() } as unknown as Tokenizer;

async function main(): Promise<void> {
  await chooseBackend();
  const out = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-saved-back-'));
  for (const name of TINY_FAMILIES) {
    const model = QuestionAnsweringModel.fromPretrained(path.join(TINY, name));
    await savePretrained(model, noTokenizer, path.join(out, name));
    model.dispose();
  }
  execFileSync(python, [path.join(__dirname, 'saved_back.py'), TINY, out], { stdio: 'inherit' });
  fs.rmSync(out, { recursive: true });
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
