// The scores of tokens in a browser, by ONNX Runtime.
import { type InferenceSession, Tensor } from 'onnxruntime-web';
import type { Scorer } from '../../evaluation/ask';
import type { Logits } from '../../evaluation/logits';
import { checkScores } from '../../evaluation/score-checks';
import type { Features } from '../../tokens/features';
import type { PageSizes } from './messages';

/** Scores one row after another: a browser most often has one thread for it. */
export class PageModel implements Scorer {
  /** Called after each window. */
  onWindow?: (done: number, total: number) => void;

  constructor(
    readonly config: PageSizes,
    private readonly session: InferenceSession,
  ) {}

  async computeLogits(features: Features): Promise<Logits> {
    const { count, rowStart } = features;
    const size = features.inputIds.length;
    const logits = { startLogits: new Float32Array(size), endLogits: new Float32Array(size) };
    for (let row = 0; row < count; row++) {
      const [from, to] = [rowStart[row], rowStart[row + 1]];
      const outputs = await this.session.run(feeds(this.session, features, from, to));
      const [starts, ends] = [outputs.start_logits.data, outputs.end_logits.data] as Float32Array[];
      [starts, ends].forEach(checkScores);
      logits.startLogits.set(starts, from);
      logits.endLogits.set(ends, from);
      this.onWindow?.(row + 1, count);
    }
    return logits;
  }
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
