// `trainer_state.json` as transformers' trainer writes it (TrainerState, transformers 5.23), for its tools to read.
import type { TrainerOptions } from './options';
import type { TrainingState } from './state';

/** What the file needs besides options and state. */
export interface RunSize {
  totalSteps: number;
  batchesPerEpoch: number;
  output: string;
}

/** Epochs done, with the share of the one in progress. */
export function epochsDone({ epoch, batch }: TrainingState, batchesPerEpoch: number): number {
  return epoch + batch / batchesPerEpoch;
}

/** The text of the file. */
export function trainerState(options: TrainerOptions, state: TrainingState, size: RunSize): string {
  const { best, step, tokens, history } = state;
  const fields = {
    best_global_step: best?.step ?? null,
    best_metric: best?.value ?? null,
    best_model_checkpoint: best ? `${size.output}/checkpoint-${best.step}` : null,
    epoch: epochsDone(state, size.batchesPerEpoch),
    eval_steps: options.evaluateEvery || 500,
    global_step: step,
    is_hyper_param_search: false,
    is_local_process_zero: true,
    is_world_process_zero: true,
    log_history: history,
    logging_steps: options.logEvery,
    max_steps: size.totalSteps,
    num_input_tokens_seen: tokens,
    num_train_epochs: Math.ceil((size.totalSteps * options.accumulate) / size.batchesPerEpoch),
    save_steps: options.checkpointEvery || 500,
    stateful_callbacks: {},
    total_flos: 0,
    train_batch_size: options.batchSize,
    trial_name: null,
    trial_params: null,
  };
  return `${JSON.stringify(fields, null, 2)}\n`;
}
