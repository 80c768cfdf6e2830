// A model for notebooks that begin after training: the tutorial's, else a quick one, which is trained once.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { before } from 'node:test';
import { parseConfig } from '../../src/model/config';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { ensureWorkshopEncoder } from '../../src/model/workshop-encoder';
import { type Profile, chooseProfile } from '../../src/lesson/profile';
import { savePretrained } from '../../src/model/save';
import { Tokenizer } from '../../src/tokens/tokenizer';
import { readyModel } from '../../src/lesson/ready-model';
import { startBackend } from '../engine/backend';

before(startBackend);

/** A profile whose encoder is tiny, with the workshop's tokenizer and a place of its own for models. */
async function tinyProfile(): Promise<Profile> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-ready-'));
  const tokenizer = await Tokenizer.fromFolder(await ensureWorkshopEncoder());
  const sizes = { hidden_size: 4, num_attention_heads: 1, intermediate_size: 4, max_position_embeddings: 512 };
  const config = { model_type: 'bert', vocab_size: tokenizer.vocabSize, num_hidden_layers: 1, ...sizes };
  const encoder = path.join(folder, 'encoder');
  await savePretrained(QuestionAnsweringModel.fromConfig(parseConfig(config)), tokenizer, encoder);
  return { ...chooseProfile('workshop'), encoder, output: path.join(folder, 'qa'), batchSize: 64 };
}

test('the tutorial’s model is opened as it is', async () => {
  const profile = await tinyProfile();
  fs.cpSync(profile.encoder, profile.output, { recursive: true });
  const { model, folder } = await readyModel(profile, { onStep: () => assert.fail('nothing is trained') });
  assert.equal(folder, profile.output);
  model.dispose();
});

test('without it one is trained beside, stopped and gone on with, and opened the next time', async () => {
  const profile = await tinyProfile();
  const steps: number[] = [];
  const stop = new AbortController();
  const stopping = readyModel(profile, {
    signal: stop.signal,
    onStep: ({ step }) => void (steps.push(step) === 3 && stop.abort()),
  });
  await assert.rejects(stopping, { name: 'AbortError' });
  assert.ok(!fs.existsSync(profile.output));
  const { model, tokenizer, folder } = await readyModel(profile, { onStep: ({ step }) => void steps.push(step) });
  assert.deepEqual(
    steps,
    Array.from(steps, (_, i) => i + 1),
    'each step once',
  );
  assert.equal(folder, `${profile.output}-quick`);
  assert.equal(model.config.hiddenSize, 4);
  assert.ok(tokenizer.vocabSize > 30_000);
  model.dispose();
  const again = await readyModel(profile, { onStep: () => assert.fail('it is there') });
  assert.equal(again.folder, folder);
  again.model.dispose();
});
