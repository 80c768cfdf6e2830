// A tiny random model that reads the workshop's vocabulary: everything of a real one, in milliseconds.
import { parseConfig } from '../../src/model/config';
import { QuestionAnsweringModel } from '../../src/model/question-answering';

export const LAYERS = 3;
export const HEADS = 2;
export const WIDTH = 8;

export function smallModel(seed = 0): QuestionAnsweringModel {
  const config = parseConfig({
    model_type: 'bert',
    vocab_size: 30522,
    hidden_size: WIDTH,
    num_hidden_layers: LAYERS,
    intermediate_size: 16,
    num_attention_heads: HEADS,
    max_position_embeddings: 64,
    initializer_range: 0.4,
  });
  return QuestionAnsweringModel.fromConfig(config, { seed });
}

export const QUESTION = 'Who built it?';
export const CONTEXT = 'The lighthouse was built by Agnes Holm, a <b>keeper</b>.';
