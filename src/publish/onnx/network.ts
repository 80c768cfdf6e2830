// BERT, DistilBERT and ELECTRA with the answer head as ONNX operators, written so that ONNX Runtime finds its fused kernels.
import type { ModelConfig } from '../../model/config';
import { weightNames } from '../../model/names';
import type { GraphBuilder } from './graph';
import type { Numbers } from './numbers';
import type { Weight } from './tensors';
import { ELEMENT } from './messages';

/** What the graph is made from. */
export interface Network {
  config: ModelConfig;
  /** By the names of Hugging Face's files. */
  weights: Map<string, Weight>;
  graph: GraphBuilder;
  numbers: Numbers;
}

export const INPUTS = { ids: 'input_ids', mask: 'attention_mask', types: 'token_type_ids' };
export const OUTPUTS = ['start_logits', 'end_logits'];

/** Adds the whole model, from ids [batch, sequence] to two scores a token [batch, sequence]. */
export function addNetwork(network: Network): void {
  const { config, graph } = network;
  const mask = graph.within('mask', () => addMask(network)); // [batch, 1, 1, sequence]
  let hidden = graph.within('embeddings', () => addEmbeddings(network)); // [batch, sequence, hidden]
  for (let index = 0; index < config.layers; index++) {
    hidden = graph.within(`layer.${index}`, () => addLayer(network, index, hidden, mask));
  }
  graph.within('answer', () => addAnswer(network, hidden));
}

/** 0 for tokens, the lowest number for padding. */
function addMask({ graph, numbers }: Network): string {
  const one = numbers.constant('mask/one', { shape: [], values: Float32Array.of(1) });
  const lowest = numbers.constant('mask/lowest', { shape: [], values: Float32Array.of(numbers.lowest) });
  const rows = graph.add('Unsqueeze', [INPUTS.mask, graph.ints(1)]);
  const wide = graph.add('Unsqueeze', [rows, graph.ints(2)]);
  const tokens = graph.add('Cast', [wide], { attributes: { to: numbers.elementType } });
  return graph.add('Mul', [graph.add('Sub', [one, tokens]), lowest]);
}

function addEmbeddings(network: Network): string {
  const { config, graph, numbers, weights } = network;
  const table = (name: string) => sourceOf(config, `embeddings.${name}`);
  const rows = (name: string, ids: string) => numbers.rows(table(name), weights.get(table(name))!, ids);
  const words = graph.within('word', () => rows('word', INPUTS.ids));
  const length = graph.add('Gather', [graph.add('Shape', [INPUTS.ids]), graph.ints(1)], { name: 'Length' });
  const positions = numbers.constant(table('position'), weights.get(table('position'))!);
  const place = graph.add('Slice', [positions, graph.ints(0), length, graph.ints(0)]); // [sequence, hidden]
  let sum = graph.add('Add', [words, place]);
  if (config.typeVocabularySize > 0) {
    const types = graph.within('type', () => rows('type', INPUTS.types));
    sum = graph.add('Add', [sum, types]);
  }
  return addNorm(network, sum, 'embeddings.norm');
}

function addLayer(network: Network, index: number, hidden: string, mask: string): string {
  const { graph } = network;
  const name = (part: string) => `layer.${index}.${part}`;
  const attended = graph.within('attention', () => addAttention(network, index, hidden, mask));
  const first = addNorm(network, graph.add('Add', [attended, hidden], { name: 'Residual' }), name('attentionNorm'));
  const up = graph.within('up', () => addLinear(network, first, name('up')));
  const activated = graph.within('gelu', () => addGelu(network, up));
  const down = graph.within('down', () => addLinear(network, activated, name('down')));
  return addNorm(network, graph.add('Add', [down, first], { name: 'Residual' }), name('outputNorm'));
}

/** softmax(q · kᵀ / √size + mask) · v for every head, and the product that brings the heads together. */
function addAttention(network: Network, index: number, hidden: string, mask: string): string {
  const { config, graph, numbers } = network;
  const size = config.hiddenSize / config.heads;
  const heads = (part: 0 | 1 | 2, order: number[]) => {
    return graph.within('qkv'[part], () => {
      const linear = addLinear(network, hidden, `layer.${index}.qkv`, part);
      const split = graph.add('Reshape', [linear, graph.ints(0, 0, config.heads, size)]);
      return graph.add('Transpose', [split], { attributes: { perm: order } });
    });
  };
  const [q, k, v] = [heads(0, [0, 2, 1, 3]), heads(1, [0, 2, 3, 1]), heads(2, [0, 2, 1, 3])];
  const root = numbers.constant('attention/root', { shape: [], values: Float32Array.of(Math.sqrt(size)) });
  const scores = graph.add('Div', [graph.add('MatMul', [q, k], { name: 'Scores' }), root]); // [batch, heads, sequence, sequence]
  const shares = graph.add('Softmax', [graph.add('Add', [scores, mask])], { attributes: { axis: -1 } });
  const mixed = graph.add('MatMul', [shares, v], { name: 'Mixed' });
  const together = graph.add('Transpose', [mixed], { attributes: { perm: [0, 2, 1, 3] } });
  const flat = graph.add('Reshape', [together, graph.ints(0, 0, config.hiddenSize)]);
  return graph.within('out', () => addLinear(network, flat, `layer.${index}.out`));
}

/** x / 2 · (1 + erf(x / √2)): Hendrycks and Gimpel 2016, not the approximation by tanh. */
function addGelu({ graph, numbers }: Network, x: string): string {
  const scalar = (name: string, value: number) =>
    numbers.constant(`gelu/${name}`, { shape: [], values: Float32Array.of(value) });
  const erf = graph.add('Erf', [graph.add('Div', [x, scalar('root', Math.SQRT2)])]);
  const product = graph.add('Mul', [x, graph.add('Add', [erf, scalar('one', 1)])]);
  return graph.add('Mul', [product, scalar('half', 0.5)]);
}

/** Two scores a token, always in float32. */
function addAnswer(network: Network, hidden: string): void {
  const { graph } = network;
  const scores = addLinear(network, hidden, 'answer'); // [batch, sequence, 2]
  const parts = graph.addMany('Split', [scores], 2, { attributes: { axis: -1 } });
  parts.forEach((part, i) => {
    const narrow = graph.add('Squeeze', [part, graph.ints(-1)]);
    graph.add('Cast', [narrow], { attributes: { to: ELEMENT.float }, output: OUTPUTS[i] });
  });
}

/** x · weightᵀ + bias. @param part Which of the stacked weights, where the model keeps several in one. */
function addLinear({ config, graph, numbers, weights }: Network, x: string, name: string, part = 0): string {
  const [weight, bias] = linearNames(name).map((full) => sourceOf(config, full, part));
  const product = numbers.product(x, weight, weights.get(weight)!);
  return graph.add('Add', [product, numbers.constant(bias, weights.get(bias)!)]);
}

function linearNames(name: string): string[] {
  return name === 'answer' ? ['answer.weight', 'answer.bias'] : [`${name}Weight`, `${name}Bias`];
}

function addNorm({ config, graph, numbers, weights }: Network, x: string, name: string): string {
  const parameters = [`${name}Gain`, `${name}Bias`].map((full) => {
    const source = sourceOf(config, full);
    return numbers.constant(source, weights.get(source)!);
  });
  const attributes = { axis: -1, epsilon: { float: config.layerNormEpsilon } };
  return graph.add('LayerNormalization', [x, ...parameters], { attributes });
}

/** The name in Hugging Face's files of one of our weights. */
function sourceOf(config: ModelConfig, name: string, part = 0): string {
  return weightNames(config).find((entry) => entry.name === name)!.sources[part];
}
