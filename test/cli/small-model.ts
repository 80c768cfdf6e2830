// A model folder that trains in a second: the real vocabulary, one small layer.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chooseBackend } from '../../src/engine/backend';
import { parseConfig } from '../../src/model/config';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { ensureWorkshopEncoder } from '../../src/model/workshop-encoder';
import { savePretrained } from '../../src/model/save';
import { Tokenizer } from '../../src/tokens/tokenizer';

export async function smallModel(positions = 512): Promise<string> {
  await chooseBackend();
  const sizes = { vocab_size: 30522, hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2 };
  const config = parseConfig({
    model_type: 'bert',
    ...sizes,
    intermediate_size: 32,
    max_position_embeddings: positions,
  });
  const folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-')), 'model');
  const model = QuestionAnsweringModel.fromConfig(config);
  await savePretrained(model, await Tokenizer.fromFolder(await ensureWorkshopEncoder()), folder);
  model.dispose();
  return folder;
}
