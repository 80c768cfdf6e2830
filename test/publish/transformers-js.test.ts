// The tokenizer of a saved folder in transformers.js (`@xenova/transformers`), offline from disk: the same ids.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { AutoTokenizer, env } from '@xenova/transformers';
import { ensureWorkshopEncoder } from '../../src/model/workshop-encoder';
import { projectRoot } from '../../src/root';
import { readSquadRecords } from '../../src/squad/read';
import { Tokenizer } from '../../src/tokens/tokenizer';

test('ids of the workshop’s development questions', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-'));
  const ours = await Tokenizer.fromFolder(await ensureWorkshopEncoder());
  await ours.save(path.join(folder, 'saved'));
  env.allowRemoteModels = false;
  env.localModelPath = folder;
  const theirs = await AutoTokenizer.from_pretrained('saved');
  const records = readSquadRecords(path.join(projectRoot(), 'data', 'workshop', 'dev.json')).slice(0, 40);
  for (const { question, context } of records) {
    const encoded = (await theirs(question, { text_pair: context, return_tensor: false })) as { input_ids: number[] };
    assert.deepEqual(encoded.input_ids, Array.from((await ours.encode(question, context)).inputIds));
  }
});
