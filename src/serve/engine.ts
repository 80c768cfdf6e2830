// What answers questions behind the queue: in this process, or in one of its own that may die (remote-engine.ts).
import { modelNotes } from '../model/notes';
import type { QuestionAnsweringModel } from '../model/question-answering';
import type { Tokenizer } from '../tokens/tokenizer';
import { type Task, type TaskResult, runTasks } from './task';
import { Turns } from './turns';

export interface Engine {
  /** The model's threshold for "no answer", where it has one. */
  readonly nullThreshold?: number;
  /** What a person should know of the model before its answers are read. */
  readonly notes?: string[];
  /**
   * Answers tasks that fit together. Several calls may be under way; they take turns.
   *
   * @throws RequestError, SpanlabError; EngineLost when the engine died of it, or of a neighbour; the signal's reason
   */
  run(tasks: Task[], signal: AbortSignal): Promise<TaskResult[]>;
  close(): Promise<void>;
}

/** The engine is gone, and nobody knows whose fault it was. */
export class EngineLost extends Error {}

/** A model in this process. */
export function localEngine(model: QuestionAnsweringModel, tokenizer: Tokenizer): Engine {
  const turns = new Turns();
  return {
    nullThreshold: model.config.nullThreshold,
    notes: modelNotes(model),
    run: (tasks, signal) => turns.share(() => runTasks({ model, tokenizer, turns }, tasks, signal)),
    close: () => Promise.resolve(),
  };
}
