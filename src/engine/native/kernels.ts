// Our own kernels (`kernels/*.cc`), which the set-up compiles for this machine: what happens between the matrix products.
import fs from 'node:fs';
import { type OpAttribute, nativeBackend } from '../handles';
import { type Handle, attribute, run } from './binding';
import { EngineError } from '../errors';
import { kernelsFile } from './kernels/file';

let loaded: boolean | undefined;

/** Makes the kernels known to TensorFlow; false where the set-up could not compile them. @throws EngineError `E_KERNELS` */
export function loadKernels(): boolean {
  loaded ??= load();
  return loaded;
}

function load(): boolean {
  const file = kernelsFile(nativeBackend()!.binding.TF_Version);
  if (!fs.existsSync(file)) return false;
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- an addon, whose place is known only now
    require(file);
  } catch (error) {
    const problem = `TensorFlow does not take the compiled kernels (${(error as Error).message})`;
    throw new EngineError('E_KERNELS', `${file}: ${problem}; delete the file and run npm run setup`, { cause: error });
  }
  return true;
}

/** Attributes of one of our kernels. */
export interface KernelOptions {
  type: number;
  heads?: number;
  rate?: number;
  epsilon?: number;
  /** How far attention looks; negative: everywhere. */
  window?: number;
  /** Number of the activation, in the order of `ACTIVATIONS`. */
  kind?: number;
  /** Of the activation: whether it is gated; of the rotation: whether it turns back. */
  flag?: boolean;
  /** How many tensors each list among the inputs has. */
  count?: number;
}

export type KernelName =
  | 'Attention'
  | 'AttentionGradient'
  | 'Sum'
  | 'ResidualNorm'
  | 'ResidualNormGradient'
  | 'Rotate'
  | 'Activation'
  | 'ActivationGradient'
  | 'AdamW'
  | 'SquaredNorm';

/** How many results each kernel has. */
const RESULTS: Record<KernelName, number> = {
  Attention: 2,
  AttentionGradient: 3,
  Rotate: 1,
  Sum: 1,
  ResidualNorm: 3,
  ResidualNormGradient: 5,
  Activation: 1,
  ActivationGradient: 3,
  AdamW: 1,
  SquaredNorm: 1,
};

/** Runs a kernel of ours; inputs and results as `kernels/register.cc` lists them. The caller owns the results. */
export function runKernel(name: KernelName, options: KernelOptions, inputs: Handle[]): Handle[] {
  const { type, count, heads, rate, epsilon, window, kind, flag } = options;
  const attributes: OpAttribute[] = [attribute.type('T', type)];
  // what is left out has the default that register.cc gives it
  if (count !== undefined) attributes.push(attribute.int('N', count));
  if (heads !== undefined) attributes.push(attribute.int('heads', heads));
  if (window !== undefined) attributes.push(attribute.int('window', window));
  if (kind) attributes.push(attribute.int('kind', kind));
  if (flag) attributes.push(attribute.int('flag', 1));
  if (rate !== undefined) attributes.push(attribute.float('rate', rate));
  if (epsilon !== undefined) attributes.push(attribute.float('epsilon', epsilon));
  return run(`Spanlab${name}`, attributes, inputs, RESULTS[name]);
}
