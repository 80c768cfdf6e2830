// Tables for notebooks, as danfojs frames.
import { DataFrame } from 'danfojs-node';
import type { Evaluation } from '../evaluation/evaluate';
import { toAnswers } from '../evaluation/spans';
import { predictedPositions } from '../evaluation/accuracy';
import type { RepairReport } from '../squad/end';
import type { SquadLists, SquadRecord } from '../squad/record';

type Row = Record<string, string | number | boolean>;

/** Rows as a frame; the columns are those of the first row. */
function frame(rows: Row[]): DataFrame {
  return new DataFrame(rows);
}

/**
 * The first rows of the lesson's lists.
 *
 * @example listsTable(readSquad('data/workshop/train.json'))
 */
export function listsTable({ contexts, questions, answers }: SquadLists, count = 5): DataFrame {
  const rows = questions.slice(0, count).map((question, i) => {
    const { text, answerStart, answerEnd } = answers[i];
    const start = { context: shorten(contexts[i], 60), question, answer: text, answerStart };
    return answerEnd === undefined ? start : { ...start, answerEnd };
  });
  return frame(rows);
}

/**
 * Questions with the beginning of their texts and their first answers.
 *
 * @example questionTable(records.slice(0, 3))
 */
export function questionTable(records: SquadRecord[]): DataFrame {
  const rows = records.map(({ title, context, question, answers, isImpossible }) => {
    return {
      title,
      context: shorten(context, 60),
      question,
      answer: (!isImpossible && answers[0]?.text) || '(no answer)',
    };
  });
  return frame(rows);
}

/** Where the answers were found. */
export function repairTable(reports: Record<string, RepairReport>): DataFrame {
  return frame(Object.entries(reports).map(([file, report]) => ({ file, ...report })));
}

/** Metrics of several evaluations side by side, in percent. */
export function metricsTable(evaluations: Record<string, Evaluation['metrics']>): DataFrame {
  return frame(
    Object.entries(evaluations).map(([name, metrics]) => ({
      model: name,
      'start accuracy': percent(100 * metrics.startAccuracy),
      'end accuracy': percent(100 * metrics.endAccuracy),
      'exact match': percent(metrics.exact),
      F1: percent(metrics.f1),
    })),
  );
}

/** Predicted answers next to the true ones. */
export function predictionsTable(records: SquadRecord[], evaluation: Evaluation, threshold = 0, count = 10): DataFrame {
  const answers = toAnswers(evaluation.predictions, threshold);
  return frame(
    records.slice(0, count).map(({ id, question, answers: truth, isImpossible }) => ({
      question: shorten(question, 70),
      predicted: answers[id] || '(no answer)',
      true: isImpossible ? '(no answer)' : (truth[0]?.text ?? '(no label)'),
    })),
  );
}

/** Distances in tokens of predicted from true positions, for rows that hold an answer. */
export function positionDistances({ features, logits }: Evaluation): { start: number[]; end: number[] } {
  const answered = Array.from(features.startPositions.keys()).filter((row) => features.startPositions[row] > 0);
  const starts = predictedPositions(features, logits.startLogits);
  const ends = predictedPositions(features, logits.endLogits);
  return {
    start: answered.map((row) => starts[row] - features.startPositions[row]),
    end: answered.map((row) => ends[row] - features.endPositions[row]),
  };
}

function percent(value: number): number {
  return Math.round(value * 10) / 10;
}

function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
