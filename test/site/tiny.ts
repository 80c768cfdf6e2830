// A tiny model that learns for ten steps, the same in a cell of the browser and in Node.

/** What the cell imports. */
export const TRAIN = `import { chooseBackend } from './src/engine/backend';
import { AdamW } from './src/engine/adamw';
import { parseConfig } from './src/model/config';
import { QuestionAnsweringModel } from './src/model/question-answering';
import * as tf from '@tensorflow/tfjs';`;

interface Parts {
  chooseBackend: typeof import('../../src/engine/backend').chooseBackend;
  AdamW: typeof import('../../src/engine/adamw').AdamW;
  parseConfig: typeof import('../../src/model/config').parseConfig;
  QuestionAnsweringModel: typeof import('../../src/model/question-answering').QuestionAnsweringModel;
  tf: typeof import('@tensorflow/tfjs');
}

/**
 * Trains on WebAssembly. It is sent to the browser as text: nothing from outside may be used.
 *
 * @param hiddenDropout That of the embeddings is drawn otherwise on native TensorFlow than in WebAssembly.
 * @returns backend and losses
 */
export async function trainTiny(
  { chooseBackend, AdamW, parseConfig, QuestionAnsweringModel, tf }: Parts,
  hiddenDropout = 0.1,
): Promise<string> {
  const { name } = await chooseBackend('wasm');
  const sizes = {
    vocab_size: 60,
    hidden_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 64,
  };
  const rates = { hidden_dropout_prob: hiddenDropout, attention_probs_dropout_prob: 0.1 };
  const rest = { max_position_embeddings: 32, type_vocab_size: 2, hidden_act: 'gelu', pad_token_id: 0 };
  const config = parseConfig({
    model_type: 'bert',
    ...sizes,
    ...rates,
    ...rest,
    layer_norm_eps: 1e-12,
    initializer_range: 0.02,
  });
  const model = QuestionAnsweringModel.fromConfig(config, { seed: 1 });
  const optimizer = new AdamW(model.parameters, { learningRate: 5e-3 });
  const losses: number[] = [];
  for (let step = 0; step < 10; step++) {
    const ids = Array.from({ length: 4 }, (_, row) =>
      Array.from({ length: 16 }, (_, i) => 5 + ((7 * row + 3 * i + step) % 50)),
    );
    const answers = [3, 5, 7, 9];
    answers.forEach((place, row) => (ids[row][place] = 2));
    const inputs = {
      inputIds: tf.tensor2d(ids, [4, 16], 'int32'),
      attentionMask: tf.tensor2d(new Int32Array(64).fill(1), [4, 16], 'int32'),
      tokenTypeIds: tf.tensor2d(new Int32Array(64).fill(0), [4, 16], 'int32'),
      startPositions: tf.tensor1d(answers, 'int32'),
      endPositions: tf.tensor1d(answers, 'int32'),
      lengths: [16, 16, 16, 16],
    };
    const { loss, gradients } = model.lossAndGradients(inputs, step);
    await optimizer.step(gradients);
    losses.push((await loss.data())[0]);
    tf.dispose([loss, gradients as never]);
  }
  return `${name} ${losses.map((loss) => loss.toFixed(6)).join(' ')}`;
}
