// The one place where the interpreter of a model's operations is chosen.
import * as tf from '@tensorflow/tfjs';
import { EngineError } from './errors';
import { nativeBackend } from './handles';
import type { TensorOps } from './interpreter';
import { FusedOps } from './native/fused';
import { allowTensorFloat32, canTrace } from './native/graph/trace';
import { loadKernels } from './native/kernels';
import { TensorflowOps } from './native/tensorflow';
import { tensorflowCrossEntropy } from './native/tensorflow-parts';
import { ResourceParameters } from './native/variables';
import { multipliesBytes, WholeModel } from './native/whole';
import type { Ops } from './ops';
import type { Parameters } from './parameter-store';
import type { AnswerPrecision, Pass } from './pass';
import { PlainOps } from './plain';
import { plainCrossEntropy } from './plain-parts';
import { ProgramOps } from './program';
import { WasmOps } from './wasm/interpreter';

/**
 * `plain`: TensorFlow.js, on every backend; `kernels`: TensorFlow's own kernels, on the native backend, GPU included;
 * `compiled`: the same, and a step of training is one function that XLA compiles; `fused`: our kernels, between TensorFlow's products on
 * the native backend's processor, and alone in WebAssembly.
 */
export const OPERATIONS = ['plain', 'kernels', 'compiled', 'fused'] as const;
export type OperationsKind = (typeof OPERATIONS)[number];

/** What a kind of operations is able to do. */
export interface Abilities {
  /** Whether it takes rows of different lengths without padding. */
  packs: boolean;
  /** Whether it knows bfloat16. */
  narrows: boolean;
  /** Whether it computes answers in one operation for the whole model, and whether also in 8 bits. */
  answers: 'layers' | 'whole' | 'whole or int8';
}

const ABILITIES: Record<OperationsKind, Omit<Abilities, 'answers'>> = {
  plain: { packs: false, narrows: false },
  kernels: { packs: false, narrows: true },
  compiled: { packs: false, narrows: true },
  fused: { packs: true, narrows: true },
};

const isWasm = () => tf.getBackend() === 'wasm';

/** What the backend in use has; the last is taken. */
function availableKinds(): OperationsKind[] {
  if (isWasm()) return ['plain', 'fused'];
  const native = nativeBackend();
  if (!native) return ['plain'];
  const known: OperationsKind[] = ['plain', 'kernels'];
  if (native.isUsingGpuDevice) return canTrace() ? [...known, 'compiled'] : known;
  // on a processor XLA's code is slower than TensorFlow's own: only where it is asked for
  if (canTrace()) known.unshift('compiled');
  return loadKernels() ? [...known, 'fused'] : known;
}

/**
 * The fastest kind for the backend in use, or the `wanted` one (also from the environment variable `SPANLAB_OPERATIONS`).
 *
 * @throws EngineError `E_OPERATIONS_UNKNOWN`, or `E_OPERATIONS_UNAVAILABLE` when the backend in use lacks the wanted one.
 * @example operationsKind() // 'fused'
 */
export function operationsKind(wanted = process.env.SPANLAB_OPERATIONS): OperationsKind {
  const available = availableKinds();
  if (!wanted) return available.at(-1)!;
  const kind = OPERATIONS.find((name) => name === wanted);
  if (!kind) {
    const choice = `choose one of ${OPERATIONS.join(', ')}`;
    throw new EngineError('E_OPERATIONS_UNKNOWN', `unknown operations "${wanted}" (SPANLAB_OPERATIONS); ${choice}`);
  }
  if (available.includes(kind)) return kind;
  const reason = `the backend ${tf.getBackend()} of this process has ${available.join(', ')}`;
  const advice = kind === 'fused' ? '; run npm run setup on a machine with a C++ compiler' : '';
  throw new EngineError('E_OPERATIONS_UNAVAILABLE', `no operations "${kind}": ${reason}${advice}`);
}

/**
 * What the operations in use are able to do.
 *
 * @example operations().narrows // whether model.compute.precision may be 'bf16'
 */
export function operations(): Abilities {
  const kind = operationsKind();
  const { packs, narrows } = ABILITIES[kind];
  return { packs, narrows: narrows && !isWasm(), answers: kind === 'fused' && !isWasm() ? wholeAnswers() : 'layers' };
}

let inBytes: boolean | undefined;

function wholeAnswers(): Abilities['answers'] {
  inBytes ??= multipliesBytes();
  return inBytes ? 'whole or int8' : 'whole';
}

/**
 * Calls `work` with the interpreter for one pass.
 *
 * @example withOps(pass, (ops) => ops.tensor(family.encode(ops, weights, config)))
 */
export function withOps<R>(pass: Pass, work: <V>(ops: TensorOps<V>) => R): R {
  const kind = operationsKind();
  if (kind === 'plain') return work(new PlainOps(pass));
  if (isWasm()) return work(new WasmOps(pass));
  allowTensorFloat32(pass.precision === 'tf32');
  return work(kind === 'fused' ? new FusedOps(pass) : new TensorflowOps(pass));
}

/**
 * A model as one operation, for answers; nothing where the kind in use has none, or where the model has a part that it does not know.
 * It belongs to the parameters, and holds until one of them changes.
 *
 * @param longest How many tokens a row may have.
 * @param write Writes the whole model down, from the embeddings to two scores a token.
 */
export function wholeModel(
  parameters: Parameters,
  precision: AnswerPrecision,
  longest: number,
  write: <V>(ops: Ops<V, tf.Tensor>) => V,
): WholeModel | undefined {
  if (isWasm() || operationsKind() !== 'fused' || !(parameters instanceof ResourceParameters)) return undefined;
  return parameters.derive(precision, () => {
    const ops = new ProgramOps(longest);
    write(ops);
    const program = ops.program();
    return program && new WholeModel(program, precision === 'int8');
  });
}

/** Mean of -log softmax(logits)[label] over rows whose label is below `sequence`; others are ignored. */
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
  return (nativeBackend() && operationsKind() !== 'plain' ? tensorflowCrossEntropy : plainCrossEntropy)(logits, labels);
}

/** WebAssembly's memory ends at 4 GiB, of which a token of BERT-base takes some 0.5 MB on the way forward. */
const WASM_TOKENS = 4096;

/** How many tokens may go through a forward and backward pass at once on the backend in use. */
export function tokensPerPass(): number {
  return isWasm() ? WASM_TOKENS : Infinity;
}
