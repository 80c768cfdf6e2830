// The worst predictions as HTML: prediction and truth marked in the context.
import { type QuestionResult, worst } from '../evaluation/analysis';
import { type MarkedSpan, highlight } from './html';
import { escapeHtml } from '../escape-html';

/** Characters of context around the marked spans. */
const AROUND = 240;

/**
 * The questions with the lowest F1, the model's answer in yellow, the true one underlined in green. Text is escaped; long
 * contexts are cut around what is marked.
 *
 * @example display.html(worstPredictions(questionResults(evaluation), 5))
 */
export function worstPredictions(results: QuestionResult[], count = 10): string {
  return worst(results, count).map(card).join('\n');
}

function card(result: QuestionResult): string {
  const { record, predicted, f1, answerProbability, noneProbability } = result;
  const sure = Math.round(100 * (predicted === '' ? noneProbability : answerProbability));
  const truth = [...new Set(record.answers.map((answer) => answer.text))].map(quoted).join(' or ') || 'no answer';
  return [
    `<article style="margin:1em 0;line-height:1.6">`,
    `<strong>${escapeHtml(record.question)}</strong> <small>${escapeHtml(record.id)}</small><br>`,
    `predicted: ${predicted === '' ? 'no answer' : quoted(predicted)} (${sure} %), true: ${truth}, F1 ${(100 * f1).toFixed(0)}`,
    `<p style="margin:0.3em 0">${excerpt(result)}</p></article>`,
  ].join('\n');
}

const quoted = (text: string) => `“${escapeHtml(text)}”`;

function excerpt({ record, predicted, start, end }: QuestionResult): string {
  const { context, answers } = record;
  const truths = answers.map(({ text, answerStart }) => ({ start: answerStart, end: answerStart + text.length }));
  const spans: MarkedSpan[] = truths.map((span) => ({ ...span, kind: 'true' }));
  if (predicted !== '') spans.push({ start, end, kind: 'predicted' });
  const from = wordStart(context, Math.min(context.length, ...spans.map((span) => span.start)) - AROUND);
  const to = wordEnd(context, Math.max(0, ...spans.map((span) => span.end)) + AROUND);
  if (spans.length === 0) return escapeHtml(context.slice(0, wordEnd(context, 2 * AROUND)));
  const moved = spans.map((span) => ({ ...span, start: span.start - from, end: span.end - from }));
  const text = highlight(context.slice(from, to), moved);
  return `${from > 0 ? '… ' : ''}${text}${to < context.length ? ' …' : ''}`;
}

/** Back to the beginning of the word, so that nothing is cut in its middle. */
function wordStart(text: string, position: number): number {
  return position <= 0 ? 0 : text.lastIndexOf(' ', position) + 1;
}

function wordEnd(text: string, position: number): number {
  const space = position >= text.length ? -1 : text.indexOf(' ', position);
  return space < 0 ? text.length : space;
}
