// One side of bench/wasm: MiniLM learns from full rows on the backend and threads that the environment names. Prints a line of JSON.
//
//   wasm-step.ts STEPS ROWS LENGTH [plain]
//
// `plain` keeps the instruction that multiplies and adds at once from our WebAssembly, as machines do that lack it.
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../src/engine/adamw';
import { chooseBackend } from '../src/engine/backend';
import { RELAXED } from '../src/engine/wasm/binary';
import { QuestionAnsweringModel } from '../src/model/question-answering';
import { cacheFolder } from '../src/root';

function leaveOutRelaxed(): void {
  const relaxed = Buffer.from(RELAXED, 'base64').length;
  const validate = WebAssembly.validate.bind(WebAssembly);
  WebAssembly.validate = (bytes) => bytes.byteLength !== relaxed && validate(bytes);
}

async function main(steps: number, rows: number, length: number, features: string): Promise<void> {
  if (features === 'plain') leaveOutRelaxed();
  const { name, version } = await chooseBackend();
  const model = QuestionAnsweringModel.fromPretrained(cacheFolder('models', 'all-MiniLM-L6-v2'));
  const optimizer = new AdamW(model.parameters, { learningRate: 2e-5 });
  const ids = Int32Array.from({ length: rows * length }, (_, i) => 1000 + ((i * 7919) % 20000));
  const inputs = {
    inputIds: tf.tensor2d(ids, [rows, length], 'int32'),
    attentionMask: tf.ones([rows, length], 'int32') as tf.Tensor2D,
    startPositions: tf.tensor1d(Int32Array.from({ length: rows }, (_, i) => (i * 13) % length), 'int32'), // prettier-ignore
    endPositions: tf.tensor1d(
      Int32Array.from({ length: rows }, (_, i) => (i * 13) % length),
      'int32',
    ),
    lengths: new Array<number>(rows).fill(length),
  };
  const seconds: number[] = [];
  let loss = NaN;
  for (let step = 0; step < steps; step++) {
    const began = performance.now();
    const result = model.lossAndGradients(inputs, step);
    loss = result.loss.dataSync()[0];
    await optimizer.step(result.gradients);
    tf.dispose([result.loss, result.gradients] as unknown as tf.TensorContainer);
    if (step > 0) seconds.push((performance.now() - began) / 1000); // the first compiles
  }
  console.log(JSON.stringify({ name, version, seconds, loss }));
}

const [steps, rows, length] = process.argv.slice(2, 5).map(Number);
void main(steps, rows, length, process.argv[5]);
