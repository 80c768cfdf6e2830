// What a teacher says of the rows of a training, computed once.
import { computeLogits } from '../evaluation/logits';
import { QuestionAnsweringModel } from '../model/question-answering';
import { Counter } from '../show/progress';
import type { SquadRecord } from '../squad/record';
import type { Features } from '../tokens/features';
import { Tokenizer } from '../tokens/tokenizer';
import type { WindowOptions } from '../tokens/window-lengths';
import { windows } from '../tokens/windows';
import { TrainingError } from '../training/errors';
import type { TeacherScores } from '../training/teacher';

/**
 * The scores of a model for the tokens of `features`, which are those of `records`.
 *
 * @throws TrainingError `E_TRAIN_TEACHER` where its tokenizer cuts the texts into other tokens
 */
export async function teacherScores(
  folder: string,
  records: SquadRecord[],
  features: Features,
  lengths: WindowOptions,
): Promise<TeacherScores> {
  const own = await windows(records, await Tokenizer.fromFolder(folder), lengths);
  if (!isSame(own.rowStart, features.rowStart) || !isSame(own.inputIds, features.inputIds)) {
    const problem = `${folder}: its tokenizer makes other tokens of these texts than that of the model`;
    throw new TrainingError('E_TRAIN_TEACHER', `${problem}; take a teacher with the same vocabulary`);
  }
  const model = QuestionAnsweringModel.fromPretrained(folder);
  if (model.report.missing.length > 0) {
    model.dispose();
    throw new TrainingError(
      'E_TRAIN_TEACHER',
      `${folder}: an encoder without an answer head; take a model that answers`,
    );
  }
  const counter = new Counter('teacher', process.stderr);
  try {
    return await computeLogits(model, own, { onBatch: (rows, total) => counter.update(rows, total) });
  } finally {
    counter.finish();
    model.dispose();
  }
}

function isSame(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
