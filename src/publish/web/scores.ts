// The scores of tokens in a browser: stands in for evaluation/logits where the page's scripts are put together.
import type { InferenceSession } from 'onnxruntime-web';
import { Tensor } from 'onnxruntime-web';
import type { Logits } from '../../evaluation/logits';
import type { Features } from '../../tokens/features';
import type { PageSizes } from './messages';

/** What `ask` sees of a model here. */
export interface PageModel {
  config: PageSizes;
  session: InferenceSession;
  /** Called after each window. */
  onWindow?: (done: number, total: number) => void;
}

/** Scores of all rows, one row after another: a browser most often has one thread for it. */
export async function computeLogits(model: PageModel, features: Features): Promise<Logits> {
  const { count, rowStart } = features;
  const size = features.inputIds.length;
  const logits = { startLogits: new Float32Array(size), endLogits: new Float32Array(size) };
  for (let row = 0; row < count; row++) {
    const [from, to] = [rowStart[row], rowStart[row + 1]];
    const outputs = await model.session.run(feeds(model.session, features, from, to));
    logits.startLogits.set(outputs.start_logits.data as Float32Array, from);
    logits.endLogits.set(outputs.end_logits.data as Float32Array, from);
    model.onWindow?.(row + 1, count);
  }
  return logits;
}

function feeds({ inputNames }: InferenceSession, features: Features, from: number, to: number) {
  const tensor = (values: ArrayLike<number>) =>
    new Tensor('int64', BigInt64Array.from(Array.from(values), BigInt), [1, to - from]);
  const all: Record<string, () => Tensor> = {
    input_ids: () => tensor(features.inputIds.subarray(from, to)),
    attention_mask: () => tensor(new Uint8Array(to - from).fill(1)),
    token_type_ids: () => tensor(features.tokenTypeIds.subarray(from, to)),
  };
  return Object.fromEntries(inputNames.map((name) => [name, all[name]()]));
}
