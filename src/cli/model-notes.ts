// What a person should know of a model before its answers are read: said on stderr, once for each command.
import { cutNote, modelNotes } from '../model/notes';
import type { QuestionAnsweringModel } from '../model/question-answering';
import { say } from '../terminal';

/** That windows are shorter than asked for, as run_qa says; that answers are chance. */
export function sayOfModel(model: QuestionAnsweringModel, { maxLength }: { maxLength?: number } = {}): void {
  modelNotes(model, maxLength).forEach(say);
}

/** That windows are shorter than asked for. */
export function sayIfCut(model: Pick<QuestionAnsweringModel, 'config'>, maxLength = 0): void {
  const note = cutNote(model, maxLength);
  if (note !== undefined) say(note);
}
