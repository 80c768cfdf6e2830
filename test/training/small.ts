// Trainings that take a moment: a tiny model with dropout, rows made by hand, and a tokenizer that saves nothing.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseConfig } from '../../src/model/config';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import type { Tokenizer } from '../../src/tokens/tokenizer';
import type { TrainerOptions } from '../../src/training/options';
import type { TrainerSetup } from '../../src/training/setup';
import { makeFeatures } from './features';

export const CONFIG = parseConfig({
  model_type: 'bert',
  vocab_size: 50,
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 32,
  max_position_embeddings: 32,
  initializer_range: 0.1,
});

/** 64 rows of 8 to 16 tokens. */
export const features = makeFeatures(Array.from({ length: 64 }, (_, i) => 8 + (i % 9)));

/** 16 steps. */
export const OPTIONS: Partial<TrainerOptions> = { epochs: 2, batchSize: 8, learningRate: 3e-3 };

export const smallModel = (seed = 1) => QuestionAnsweringModel.fromConfig(CONFIG, { seed });

export const noTokenizer = { save: () => Promise.resolve() } as unknown as Tokenizer;

export const temporary = () => fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-run-'));

/** What a trainer needs, with an output folder when it is named. */
export function setup(options: Partial<TrainerOptions> = {}, output?: string): TrainerSetup {
  const folder = output && { output, tokenizer: noTokenizer };
  return { model: smallModel(), features, options: { ...OPTIONS, ...options }, ...folder };
}

export function weightsOf(model: QuestionAnsweringModel): Record<string, number[]> {
  const { names } = model.parameters;
  return Object.fromEntries(names.map((name) => [name, Array.from(model.parameters.get(name).dataSync())]));
}
