// An evaluation made by hand: four questions about one text, each with its own kind of result.
import type { Evaluation } from '../../src/evaluation/evaluate';
import { squadMetrics } from '../../src/evaluation/metrics';
import { toAnswers } from '../../src/evaluation/spans';
import type { SquadRecord } from '../../src/squad/record';
import { makeFeatures } from '../training/features';

/** What must never become markup. */
export const ATTACK = '<script>alert("1")</script>';
const CONTEXT = `Ada Lovelace won ${ATTACK} in 1874 & went home.`;

function record(id: string, question: string, ...texts: string[]): SquadRecord {
  const answers = texts.map((text) => ({ text, answerStart: CONTEXT.indexOf(text) }));
  const base = { id, title: 't', context: CONTEXT, question, answers, plausibleAnswers: [] };
  return { ...base, isImpossible: answers.length === 0 };
}

function prediction(id: string, text: string, probability: number, nullOdds: number) {
  const start = CONTEXT.indexOf(text);
  const none = { text: '', start: 0, end: 0, startLogit: 0, endLogit: 0, logit: 1 + nullOdds, probability: 0 };
  return {
    id,
    nullOdds,
    none,
    best: [{ text, start, end: start + text.length, startLogit: 0.5, endLogit: 0.5, logit: 1, probability }],
  };
}

/** Right, half right, answered although impossible, and withheld although there is an answer. */
export function smallEvaluation(): Evaluation {
  const records = [
    record('right', 'When did she win?', '1874'),
    record('half', 'Who won?', 'Ada Lovelace', 'Lovelace'),
    record('answered', `How many ${ATTACK}?`),
    record('withheld', 'Name the place where she went.', 'home'),
  ];
  const predictions = [
    prediction('right', '1874', 0.9, -5),
    prediction('half', 'Ada Lovelace won', 0.6, -1),
    prediction('answered', ATTACK, 0.8, -2),
    prediction('withheld', 'home', 0.5, 3),
  ];
  const features = makeFeatures([6, 6, 6, 6]);
  features.startPositions.set([2, 2, 0, 3]);
  features.endPositions.set([2, 3, 0, 3]);
  const scores = (positions: number[]) => {
    const values = new Float32Array(features.inputIds.length);
    positions.forEach((position, row) => (values[features.rowStart[row] + position] = 1));
    return values;
  };
  const logits = { startLogits: scores([2, 3, 4, 0]), endLogits: scores([2, 5, 4, 0]) };
  const metrics = { ...squadMetrics(records, toAnswers(predictions, 0)), startAccuracy: 0.25, endAccuracy: 0.25 };
  return { metrics, records, predictions, features, logits, threshold: 0 };
}
