// A folder with a model that answers decidedly, and was trained by nobody: real vocabulary, small layers, large weights.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseConfig } from '../../src/model/config';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { ensureWorkshopEncoder } from '../../src/model/workshop-encoder';
import { savePretrained } from '../../src/model/save';
import { Tokenizer } from '../../src/tokens/tokenizer';
import { startBackend } from '../engine/backend';

const SIZES = { vocab_size: 30522, hidden_size: 32, num_hidden_layers: 2, num_attention_heads: 4 };

/** Makes `TEMPORARY/models/small`. */
export async function decidedModel(config: Record<string, unknown> = {}): Promise<string> {
  await startBackend();
  const folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-publish-')), 'models', 'small');
  const rest = { intermediate_size: 64, max_position_embeddings: 512, initializer_range: 0.3 };
  const model = QuestionAnsweringModel.fromConfig(parseConfig({ model_type: 'bert', ...SIZES, ...rest, ...config }));
  await savePretrained(model, await Tokenizer.fromFolder(await ensureWorkshopEncoder()), folder);
  model.dispose();
  return folder;
}

/** Removes what {@link decidedModel} made, or a copy in its place. */
export const removeModel = (folder: string) =>
  fs.rmSync(path.dirname(path.dirname(folder)), { recursive: true, force: true });

export const CONTEXT =
  'The lighthouse of Marrow Bay was built in 1874 by Agnes Holm, who also kept its lamp for thirty years. ' +
  'In 1904 her niece Ida Farrow took over, and the tower was painted red & white <twice>.';
export const QUESTIONS = ['Who built the lighthouse?', 'When did Ida Farrow take over?', 'Which colour has the tower?'];
