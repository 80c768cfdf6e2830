// Reading the fields of a config.json: each with its name in the error when it is not what it must be.
import type { Activation } from '../engine/ops';
import { quoted } from '../printable';
import { modelType, numberProblem } from './config-checks';
import { ModelError } from './errors';

export type Json = Record<string, unknown>;

/** Names of activations in config.json; what `gelu_new`, `gelu_fast` and `gelu_pytorch_tanh` name differs in rounding only. */
const ACTIVATIONS: Record<string, Activation> = {
  gelu: 'gelu',
  gelu_new: 'gelu_tanh',
  gelu_fast: 'gelu_tanh',
  gelu_pytorch_tanh: 'gelu_tanh',
  relu: 'relu',
  silu: 'silu',
  swish: 'silu',
};

export class ConfigReader {
  constructor(
    readonly raw: Json,
    readonly file: string,
  ) {}

  /** `model_type`, or what older files have in its place. */
  get type(): string {
    return modelType(this.raw) as string;
  }

  /** @throws ModelError `E_MODEL_CONFIG` */
  fail(problem: string): never {
    throw new ModelError('E_MODEL_CONFIG', `${this.file}: ${problem}`);
  }

  /** A number that is not negative; whole and of a size that models have, where the field counts something. */
  number(field: string, fallback?: number): number {
    const value = this.raw[field] ?? fallback;
    const problem = numberProblem(field, value);
    if (problem === undefined) return value as number;
    return this.fail(`${field} is ${value === undefined ? this.nothing(field) : shownNumber(value)}; ${problem}`);
  }

  private nothing(field: string): string {
    return this.raw[field] === null ? 'null' : 'not there';
  }

  /** A whole number, from 1 on. */
  count(field: string, fallback?: number): number {
    const value = this.number(field, fallback);
    if (Number.isSafeInteger(value) && value >= 1 && value <= 1 << 20) return value;
    return this.fail(`${field} is ${value}; a whole number from 1 to ${1 << 20} is needed`);
  }

  boolean(field: string, fallback: boolean): boolean {
    const value = this.raw[field] ?? fallback;
    if (typeof value === 'boolean') return value;
    return this.fail(`${field} is ${quoted(value)}; true or false is needed`);
  }

  activation(field: string, fallback = 'gelu'): Activation {
    const value = this.raw[field] ?? fallback;
    const isKnown = typeof value === 'string' && Object.hasOwn(ACTIVATIONS, value);
    const activation = isKnown ? ACTIVATIONS[value] : undefined;
    if (activation) return activation;
    return this.fail(`${field} ${quoted(value)} is not supported; only ${Object.keys(ACTIVATIONS).join(', ')} are`);
  }

  /** Refuses a setting that changes what a model computes in a way that is not written. */
  refuseUnless(field: string, allowed: unknown[]): void {
    const value = this.raw[field];
    if (value === undefined || value === null || allowed.includes(value)) return;
    const list = allowed.map((item) => quoted(item)).join(', ');
    this.fail(`${field} ${quoted(value)} is not supported; only ${list} is`);
  }
}

/** JSON has no NaN, and Python writes one. */
const shownNumber = (value: unknown) => (typeof value === 'number' ? String(value) : quoted(value));
