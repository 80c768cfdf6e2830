// What a person should know of a model before its answers are read, a line each.
import type { QuestionAnsweringModel } from './question-answering';

type Noted = Pick<QuestionAnsweringModel, 'config' | 'report'>;

/**
 * That windows are shorter than asked for, as run_qa says; that answers are chance.
 *
 * @param maxLength Tokens in a window, as they were asked for.
 * @example modelNotes(model, 384) // ['windows have 128 tokens, not 384: the model has no more positions']
 */
export function modelNotes(model: Noted, maxLength = 0): string[] {
  return [cutNote(model, maxLength), untrainedNote(model)].filter((note) => note !== undefined);
}

/** That windows are shorter than asked for. */
export function cutNote({ config: { maxPositions } }: Pick<Noted, 'config'>, maxLength = 0): string | undefined {
  if (maxLength <= maxPositions) return undefined;
  return `windows have ${maxPositions} tokens, not ${maxLength}: the model has no more positions`;
}

function untrainedNote({ report }: Noted): string | undefined {
  if (!report.missing.some((name) => name.startsWith('qa_outputs.'))) return undefined;
  return 'warning: this model has no head for questions yet (qa_outputs), so its answers are chance; train it first';
}
