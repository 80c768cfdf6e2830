// Questions drawn at random, each with its answers marked in the context.
import { Random } from '../engine/random';
import type { SquadRecord } from '../squad/record';
import { highlight } from './html';
import { escapeHtml } from '../escape-html';

/**
 * `count` records; the same ones for the same seed.
 *
 * @example sampleRecords(records, 3, 0)
 */
export function sampleRecords(records: SquadRecord[], count: number, seed: number): SquadRecord[] {
  return new Random(seed).shuffle([...records]).slice(0, count);
}

/**
 * Questions, each above its context, as HTML. Text is escaped.
 *
 * @example display.html(recordsHtml(sampleRecords(records, 3, 0)))
 */
export function recordsHtml(records: SquadRecord[]): string {
  return records.map(recordHtml).join('\n');
}

function recordHtml({ title, question, context, answers, isImpossible }: SquadRecord): string {
  const spans = answers.map(({ text, answerStart: start }) => ({
    start,
    end: start + text.length,
    kind: 'true' as const,
  }));
  const note = isImpossible ? ' <em>(no answer)</em>' : '';
  return [
    '<div style="margin:0 0 1em;max-width:50em;line-height:1.6">',
    `<strong>${escapeHtml(question)}</strong>${note} <small>${escapeHtml(title)}</small>`,
    `<div>${highlight(context, spans)}</div></div>`,
  ].join('');
}
