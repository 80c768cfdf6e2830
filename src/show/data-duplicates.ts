// What is in a data set twice, and what training and test data share.
import type { DataFrame } from 'danfojs-node';
import type { SquadRecord } from '../squad/record';
import { percent, toFrame } from './data-frame';

const COLUMNS = ['what', 'questions', 'of all (%)', 'example'];

/**
 * Questions that repeat an earlier one, alone or with its context, and those whose context is under more than one title.
 *
 * @example duplicatesTable(records)
 */
export function duplicatesTable(records: SquadRecord[]): DataFrame {
  const pairs = repeated(records, ({ question, context }) => `${question}\n${context}`);
  const questions = repeated(records, ({ question }) => question);
  const titles = new Map<string, string>();
  const elsewhere = records.filter(({ context, title }) => {
    if (!titles.has(context)) titles.set(context, title);
    return titles.get(context) !== title;
  });
  return toFrame(
    [
      row('same question and context', pairs, records),
      row('same question', questions, records),
      row('same context, other title', elsewhere, records),
    ],
    COLUMNS,
  );
}

/**
 * The questions of `dev` that a model has met in training: same context, same question, or both.
 *
 * @example leakTable(train, dev)
 */
export function leakTable(train: SquadRecord[], dev: SquadRecord[]): DataFrame {
  const contexts = new Set(train.map(({ context }) => context));
  const questions = new Set(train.map(({ question }) => question));
  const pairs = new Set(train.map(({ question, context }) => `${question}\n${context}`));
  return toFrame(
    [
      row('context also in training', dev.filter(({ context }) => contexts.has(context)), dev), // prettier-ignore
      row('question also in training', dev.filter(({ question }) => questions.has(question)), dev), // prettier-ignore
      row('both, together', dev.filter(({ question, context }) => pairs.has(`${question}\n${context}`)), dev), // prettier-ignore
    ],
    COLUMNS,
  );
}

/** The records whose key an earlier one had. */
function repeated(records: SquadRecord[], key: (record: SquadRecord) => string): SquadRecord[] {
  const seen = new Set<string>();
  return records.filter((record) => seen.size === seen.add(key(record)).size);
}

function row(what: string, found: SquadRecord[], all: SquadRecord[]): (string | number)[] {
  return [what, found.length, percent(found.length, all.length), found[0]?.question ?? ''];
}
