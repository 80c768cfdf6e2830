// What is measured on a GPU: the file that the packing side writes, and both sides of the measurement read.

export type ModelName = 'minilm' | 'distilbert' | 'bert';
export type ShapeName = '128' | '384' | 'bucketed';
export type PrecisionName = 'fp32' | 'tf32' | 'bf16';
/**
 * Of spanlab: `compiled` (a step is one function, compiled by XLA) and `kernels` (TensorFlow's kernels one by one). Of PyTorch: `sdpa`
 * (its fused attention, the rest operation by operation) and `torch.compile` (the same model compiled).
 */
export type Kind = 'compiled' | 'kernels' | 'sdpa' | 'torch.compile';

/** Rows of a batch without padding. */
export interface Rows {
  ids: number[][];
  start: number[];
  end: number[];
}

export interface Plan {
  /** A folder of weights beside the plan, or a configuration that gets random ones. */
  models: Record<ModelName, { folder: string } | { config: Record<string, unknown> }>;
  shapes: Record<ShapeName, Rows[]>;
  /** Steps before any is timed. */
  warmup: number;
}

/** One measurement. */
export interface Config {
  model: ModelName;
  shape: ShapeName;
  precision: PrecisionName;
  kind: Kind;
}

/** What a side is asked. */
export interface Request extends Config {
  /**
   * `parity`: the losses of training without dropout; `prepare`: compile and warm up; `time`: seconds of each step; `memory`: a few
   * steps of a process that has the card to itself.
   */
  do: 'parity' | 'prepare' | 'time' | 'memory';
}

export interface Answer {
  losses?: number[];
  seconds?: number[];
  /** Of `prepare`: how long it took. */
  took?: number;
  /** Of the card's memory, GB, where the side knows. */
  memory?: number;
  error?: string;
}

/** One line of the results. */
export interface Result extends Request, Answer {
  side: 'spanlab' | 'torch';
}

/** Everything that a run leaves. */
export interface Results {
  machine: Record<string, string>;
  /** Rows a batch. */
  batch: number;
  results: Result[];
}
