// What is asked and where the answer stands: questions by their first word, answers by their place in the context.
import type { DataFrame } from 'danfojs-node';
import type { SquadRecord } from '../squad/record';
import { percent, toFrame } from './data-frame';
import { type Figure, COLOURS, layout } from './plots';
import { counted } from '../counted';

interface FirstWord {
  word: string;
  questions: number;
  impossible: number;
}

/** The first word in lower case, without punctuation around it. */
export function firstWord(question: string): string {
  return /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/u.exec(question)?.[0].toLowerCase() ?? '(none)';
}

/** The most frequent first words; the last row, `(other)`, is the rest. */
function firstWords(records: SquadRecord[], count: number): FirstWord[] {
  const all = new Map<string, FirstWord>();
  for (const { question, isImpossible } of records) {
    const word = firstWord(question);
    const entry = all.get(word) ?? { word, questions: 0, impossible: 0 };
    entry.questions++;
    entry.impossible += Number(isImpossible);
    all.set(word, entry);
  }
  const sorted = [...all.values()].sort((a, b) => b.questions - a.questions);
  const sum = (rows: FirstWord[], field: 'questions' | 'impossible') =>
    rows.reduce((total, row) => total + row[field], 0);
  const rest = sorted.slice(count);
  const other = { word: '(other)', questions: sum(rest, 'questions'), impossible: sum(rest, 'impossible') };
  return rest.length > 0 ? [...sorted.slice(0, count), other] : sorted;
}

/**
 * Questions by first word, with the share of all and the share that is impossible.
 *
 * @example firstWordTable(records)
 */
export function firstWordTable(records: SquadRecord[], count = 10): DataFrame {
  const rows = firstWords(records, count).map(({ word, questions, impossible }) => [
    ...[word, questions, percent(questions, records.length)],
    percent(impossible, questions),
  ]);
  return toFrame(rows, ['first word', 'questions', 'of all (%)', 'impossible (%)']);
}

/** Questions by first word as bars, the impossible ones on top. */
export function firstWordPlot(records: SquadRecord[], count = 10): Figure {
  const rows = firstWords(records, count);
  const x = rows.map(({ word }) => word);
  const bars = (name: string, y: number[], color: string) => ({ type: 'bar', name, x, y, marker: { color } });
  const shown = rows.slice(0, 3).map(({ word, questions }) => `${word} ${questions}`);
  const alt = `${counted(records.length, 'question')} by first word, the most frequent first: ${shown.join(', ')}.`;
  return {
    data: [
      bars('has an answer', rows.map((row) => row.questions - row.impossible), COLOURS.main), // prettier-ignore
      bars('impossible', rows.map((row) => row.impossible), COLOURS.second), // prettier-ignore
    ],
    layout: { ...layout('Questions by first word', 'first word', 'questions', alt), barmode: 'stack' },
  };
}

/**
 * Where first answers begin, in tenths of their contexts.
 *
 * @example answerPlacePlot(records)
 */
export function answerPlacePlot(records: SquadRecord[]): Figure {
  const tenths = new Array<number>(10).fill(0);
  for (const { context, answers } of records) {
    if (answers.length > 0) tenths[Math.min(9, Math.floor((10 * answers[0].answerStart) / context.length))]++;
  }
  const total = tenths.reduce((a, b) => a + b, 0);
  const title = 'Where answers begin in their contexts';
  const alt = `${title}: ${percent(tenths[0], total)} % of ${total} in the first tenth, ${percent(tenths[9], total)} % in the last.`;
  const x = tenths.map((_, i) => `${10 * i}–${10 * i + 10} %`);
  const y = tenths.map((count) => percent(count, total));
  return {
    data: [{ type: 'bar', x, y, marker: { color: COLOURS.main } }],
    layout: layout(title, 'place in the context (of its characters)', 'answers (%)', alt),
  };
}
