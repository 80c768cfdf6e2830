// Tables about a person's own data: what is wrong with it, and how long its texts are.
import { DataFrame } from 'danfojs-node';
import type { SquadRecord } from '../squad/record';
import type { RowProblem } from '../squad/table-check';

/** The problems of a table, a row each. */
export function problemsTable(problems: RowProblem[]): DataFrame {
  const rows = problems.map(({ row, kind, what, mend }) => {
    const remedy = mend && Object.entries(mend).map(([cell, value]) => `${cell}: ${value === '' ? 'empty' : value}`);
    return { row, kind, what, correction: remedy?.join(', ') ?? '' };
  });
  return rows.length > 0 ? new DataFrame(rows) : new DataFrame([['no problems']], { columns: ['what'] });
}

/**
 * The shortest, the middle and the longest of texts, questions and answers, in words.
 *
 * @example lengthsTable(readTable('questions.csv'))
 */
export function lengthsTable(records: SquadRecord[]): DataFrame {
  const kinds: Record<string, string[]> = {
    texts: [...new Set(records.map(({ context }) => context))],
    questions: records.map(({ question }) => question),
    answers: records.flatMap(({ answers }) => answers.map(({ text }) => text)),
  };
  const rows = Object.entries(kinds).map(([kind, texts]) => {
    const words = texts.map((text) => text.split(/\s+/).filter(Boolean).length).sort((a, b) => a - b);
    const at = (share: number) => words[Math.floor(share * (words.length - 1))] ?? 0;
    return { words: kind, number: texts.length, shortest: at(0), median: at(0.5), longest: at(1) };
  });
  return new DataFrame(rows);
}

/** Parts of the data side by side: how much each holds. */
export function partsTable(parts: Record<string, SquadRecord[]>): DataFrame {
  const rows = Object.entries(parts).map(([part, records]) => ({
    part,
    articles: new Set(records.map(({ title }) => title)).size,
    texts: new Set(records.map(({ context }) => context)).size,
    questions: records.length,
    'without an answer': records.filter(({ isImpossible }) => isImpossible).length,
  }));
  return new DataFrame(rows);
}
