// What a person should know before the numbers of `spanlab tune` are believed: they are at an edge, or of too few questions.
import type { JudgedQuestion, TunedTemperature } from '../evaluation/calibrate';
import type { TunedThreshold } from '../evaluation/tune';
import type { SquadRecord } from '../squad/record';
import { counted } from '../counted';

/** With fewer, the share of right answers is known to no better than a tenth either way (two standard errors at one half). */
const ENOUGH = 100;
/** Of each kind: fewer right or wrong answers, or questions with and without an answer, leave one side of the choice to chance. */
const ENOUGH_OF_A_KIND = 20;

/**
 * A line for each.
 *
 * @example tuneNotes(records, judged, temperature.edge, threshold) // ['warning: the choice is by 12 questions only; …']
 */
export function tuneNotes(
  records: SquadRecord[],
  judged: JudgedQuestion[],
  edge: TunedTemperature['edge'],
  threshold?: TunedThreshold,
): string[] {
  const right = judged.filter((question) => question(1).right).length;
  const impossible = records.filter(({ answers }) => answers.length === 0).length;
  return [
    edge === undefined ? fewNote(right, judged.length) : edgeNote(edge, right, judged.length),
    threshold && thresholdNote(threshold, impossible, records.length),
  ].filter((note) => note !== undefined);
}

function edgeNote(edge: number, right: number, all: number): string {
  const side = edge < 1 ? 'as sure' : 'as little sure';
  return `warning: the best temperature would be ${edge} or beyond, ${side} as can be: ${right} of ${all} answers are right, which fixes no temperature; train the model further, or take more questions, of which some are answered right and some wrong`;
}

function fewNote(right: number, all: number): string | undefined {
  const wrong = all - right;
  if (all >= ENOUGH && Math.min(right, wrong) >= ENOUGH_OF_A_KIND) return undefined;
  return `warning: the temperature is by ${counted(all, 'question')} only, ${right} answered right and ${wrong} wrong; it may be far off with fewer than ${ENOUGH}, or ${ENOUGH_OF_A_KIND} of a kind`;
}

function thresholdNote({ edge }: TunedThreshold, impossible: number, all: number): string | undefined {
  if (edge !== undefined) {
    const what = edge === 'all' ? 'withhold every answer' : 'withhold no answer';
    return `warning: it would be best to ${what} on these questions, and no threshold follows from that; train the model on questions of both kinds, or take more questions`;
  }
  const answerable = all - impossible;
  if (Math.min(impossible, answerable) >= ENOUGH_OF_A_KIND) return undefined;
  return `warning: the threshold is by ${counted(answerable, 'question')} with an answer and ${impossible} without; with fewer than ${ENOUGH_OF_A_KIND} of a kind it may be far off`;
}
