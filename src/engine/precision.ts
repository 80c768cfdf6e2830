// Which type the matrix products are computed in.
import fs from 'node:fs';
import { EngineError } from './errors';
import { nativeBackend } from './handles';
import { operations } from './operations';
import type { AnswerPrecision, Precision } from './pass';

/** What a person may ask for: `auto` takes bfloat16 on a GPU, and where this processor has instructions for it. */
export const PRECISIONS = ['fp32', 'tf32', 'bf16', 'auto'] as const;
export type PrecisionWish = (typeof PRECISIONS)[number];

/**
 * The precision to compute in, on the backend in use.
 *
 * @throws EngineError `E_PRECISION` when bfloat16 or TF32 is asked for and the backend's operations do not know it.
 * @example model.compute.precision = choosePrecision('auto')
 */
export function choosePrecision(wish: PrecisionWish): Precision {
  const onGpu = nativeBackend()?.isUsingGpuDevice ?? false;
  if (wish === 'auto') return operations().narrows && (onGpu || hasNarrowInstructions()) ? 'bf16' : 'fp32';
  if (wish === 'fp32' || (wish === 'tf32' ? onGpu : operations().narrows)) return wish;
  if (wish === 'tf32') throw new EngineError('E_PRECISION', 'tf32 needs an NVIDIA GPU; take fp32, bf16 or auto');
  throw new EngineError(
    'E_PRECISION',
    'bf16 needs native TensorFlow on the processor with the engine that npx spanlab setup compiles; take fp32 or auto',
  );
}

export const ANSWER_PRECISIONS: AnswerPrecision[] = ['fp32', 'int8'];

/**
 * The precision to answer in, on the backend in use: the wanted one, also from the environment variable `SPANLAB_ANSWERS`.
 *
 * @throws EngineError `E_PRECISION` for an unknown one, and for `int8` where this machine computes no answers in 8 bits.
 * @example model.compute.answers = chooseAnswers('int8')
 */
export function chooseAnswers(wanted = process.env.SPANLAB_ANSWERS || 'fp32'): AnswerPrecision {
  const wish = ANSWER_PRECISIONS.find((name) => name === wanted);
  if (!wish) {
    const choice = `choose one of ${ANSWER_PRECISIONS.join(', ')}`;
    throw new EngineError('E_PRECISION', `unknown precision of answers "${wanted}" (SPANLAB_ANSWERS); ${choice}`);
  }
  if (wish === 'fp32' || operations().answers === 'whole or int8') return wish;
  const needs = 'a processor with AVX-VNNI or AVX512-VNNI, and the engine that npx spanlab setup compiles';
  throw new EngineError('E_PRECISION', `answers in int8 need ${needs}; take fp32`);
}

/** Whether the processor multiplies bfloat16 itself (AVX512-BF16, AMX, or Arm's extension), as Linux tells. */
export function hasNarrowInstructions(file = '/proc/cpuinfo'): boolean {
  if (!fs.existsSync(file)) return false;
  return /^(?:flags|Features)\s*:.*\b(?:avx512_bf16|amx_bf16|bf16)\b/m.test(fs.readFileSync(file, 'utf8'));
}
