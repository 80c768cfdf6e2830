// What the parts of the ONNX interpreter share: the graph, the weights under their names in Hugging Face's files, inputs and outputs.
import type { Linear } from '../../engine/ops';
import type { GraphBuilder } from './graph';
import type { Numbers } from './numbers';
import type { Weight } from './tensors';

export const INPUTS = { ids: 'input_ids', mask: 'attention_mask', types: 'token_type_ids' };
export const OUTPUTS = ['start_logits', 'end_logits'];

/** A weight with the names that its parts have in Hugging Face's files. */
export interface NamedWeight extends Weight {
  names: string[];
}

/** What the graph is made with. */
export interface Writing {
  graph: GraphBuilder;
  numbers: Numbers;
  /** Longest row. */
  maxPositions: number;
}

/** One of `count` equal parts of a weight, under its own name in the file where it has one. */
export function partOf({ shape, values, names }: NamedWeight, index: number, count: number): NamedWeight {
  const name = names.length === count ? names[index] : `${names[0]}.${index}`;
  const size = values.length / count;
  const part = values.subarray(index * size, (index + 1) * size);
  return { shape: [shape[0] / count, ...shape.slice(1)], values: part, names: [name] };
}

/** Whoever adds products to the graph. */
export interface Writer {
  readonly writing: Writing;
  linear(x: string, weights: Linear<NamedWeight>): string;
}

/** How many tokens the rows have: int64 [1]. */
export function sequenceLength(graph: GraphBuilder): string {
  return graph.add('Gather', [graph.add('Shape', [INPUTS.ids]), graph.ints(1)], { name: 'Length' });
}
