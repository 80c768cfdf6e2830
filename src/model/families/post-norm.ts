// The layer of BERT and of most families after it (Vaswani et al. 2017): attention, add and norm, feed forward, add and norm.
import type { AttentionSpec, AttentionWeights, FeedForwardWeights, Norm, Ops } from '../../engine/ops';
import type { ModelConfig } from '../config';
import { type WeightSpec, layerDropout, linear, norm } from '../family';

/** The weights of a layer, in the order of the parameters. */
export interface PostNormLayer<W> {
  attention: AttentionWeights<W>;
  attentionNorm: Norm<W>;
  feedForward: FeedForwardWeights<W>;
  outputNorm: Norm<W>;
}

/** The names of a layer's parts in the file, below that of the layer. */
export interface PostNormNames {
  q: string;
  k: string;
  v: string;
  out: string;
  attentionNorm: string;
  up: string;
  down: string;
  outputNorm: string;
}

/** The names in BERT and its descendants. */
export const BERT_NAMES: PostNormNames = {
  q: 'attention.self.query',
  k: 'attention.self.key',
  v: 'attention.self.value',
  out: 'attention.output.dense',
  attentionNorm: 'attention.output.LayerNorm',
  up: 'intermediate.dense',
  down: 'output.dense',
  outputNorm: 'output.LayerNorm',
};

export function postNormWeights(
  { hiddenSize, intermediateSize }: ModelConfig,
  layer: string,
  names = BERT_NAMES,
): PostNormLayer<WeightSpec> {
  const at = (part: keyof PostNormNames) => `${layer}.${names[part]}`;
  return {
    attention: {
      qkv: linear([at('q'), at('k'), at('v')], 3 * hiddenSize, hiddenSize),
      out: linear(at('out'), hiddenSize, hiddenSize),
    },
    attentionNorm: norm(at('attentionNorm'), hiddenSize),
    feedForward: {
      up: linear(at('up'), intermediateSize, hiddenSize),
      down: linear(at('down'), hiddenSize, intermediateSize),
    },
    outputNorm: norm(at('outputNorm'), hiddenSize),
  };
}

/** What a layer does besides the usual. */
export type PostNormVariation<V> = Pick<AttentionSpec<V>, 'relative'> & {
  /** Rate after the feed-forward part; the config's where it is absent. */
  outputDropout?: number;
  /** Rate for the table of relative positions, drawn anew for each layer. */
  relativeDropout?: number;
};

/** Layer `index`: [tokens, hidden] → the same. */
export function postNormLayer<V, W>(
  ops: Ops<V, W>,
  index: number,
  x: V,
  weights: PostNormLayer<W>,
  config: ModelConfig,
  { relative, outputDropout = config.hiddenDropout, relativeDropout = 0 }: PostNormVariation<V> = {},
): V {
  const { heads, activation, layerNormEpsilon: epsilon, attentionDropout, hiddenDropout } = config;
  const output = ops.layer(index, { x, weights, relative }, ({ x, weights, relative }) => {
    const attended = ops.attend(x, weights.attention, {
      heads,
      dropout: layerDropout(attentionDropout, index, 0),
      relative: relative && {
        ...relative,
        values: ops.dropout(relative.values, layerDropout(relativeDropout, index, 3)),
      },
    });
    const middle = ops.addNorm(attended, x, weights.attentionNorm, {
      epsilon,
      dropout: layerDropout(hiddenDropout, index, 1),
    });
    const thought = ops.feedForward(middle, weights.feedForward, { activation });
    return ops.addNorm(thought, middle, weights.outputNorm, {
      epsilon,
      dropout: layerDropout(outputDropout, index, 2),
    });
  });
  return ops.tap(output);
}
