// Options that several commands share, and how numbers among them are read.
import type { ArgsDef } from 'citty';
import { ANSWER_PRECISIONS } from '../engine/precision';
import { UsageError } from './usage';

export const modelOption = {
  type: 'string',
  description: 'workshop, a model folder, a name that spanlab model lists, or one on the hub (owner/name[@revision])',
  required: true,
} as const;

export const windowOptions = {
  'max-length': { type: 'string', description: 'tokens per window', default: '384' },
  'doc-stride': {
    type: 'string',
    description: 'tokens by which windows overlap; by default 128, or half of a shorter window',
  },
} as const satisfies ArgsDef;

export const jsonOption = { type: 'boolean', description: 'print the result as JSON' } as const;

export const backendOption = { type: 'string', description: 'tensorflow-gpu, tensorflow, wasm or cpu' } as const;

export const answersOption = {
  type: 'enum' as const,
  options: [...ANSWER_PRECISIONS],
  description:
    'precision of the matrix products: int8 is faster on processors with VNNI, but less exact (default fp32)',
};

/** For the models of this process, and of those that it starts. */
export function takeAnswers(wish: string | undefined): void {
  if (wish !== undefined) process.env.SPANLAB_ANSWERS = wish;
}

export interface Range {
  min?: number;
  max?: number;
  integer?: boolean;
}

/**
 * A number from the command line.
 *
 * @throws UsageError when it is none or out of range.
 */
export function number(
  args: Record<string, unknown>,
  name: string,
  { min = 0, max = Infinity, integer }: Range = {},
): number {
  const text = String(args[name]);
  const value = Number(text);
  const valid = text.trim() !== '' && Number.isFinite(value) && value >= min && value <= max;
  if (valid && (!integer || Number.isInteger(value))) return value;
  const kind = integer ? 'a whole number' : 'a number';
  throw new UsageError(`--${name} is "${text}"; it takes ${kind} from ${min}${max < Infinity ? ` to ${max}` : ' up'}`);
}

/** `maxLength` and, where it is given, `docStride`, in tokens. A model with fewer positions has shorter windows (`windowsFor`). */
export function windowLengths(args: Record<string, unknown>): { maxLength: number; docStride?: number } {
  const maxLength = number(args, 'max-length', { min: 8, max: 512, integer: true });
  if (args['doc-stride'] === undefined) return { maxLength };
  return { maxLength, docStride: number(args, 'doc-stride', { max: maxLength - 1, integer: true }) };
}
