// The model's two pointers on a text: every token with its chance to start and to end the answer, and an arrow at each best one.
import * as tf from '@tensorflow/tfjs';
import { checkScores } from '../evaluation/score-checks';
import { softmax } from '../evaluation/softmax';
import type { QuestionAnsweringModel } from '../model/question-answering';
import { sequenceRange, toFeatures } from '../tokens/positions';
import type { Tokenizer } from '../tokens/tokenizer';
import { makeBatch } from '../training/batch';
import { escapeHtml } from '../escape-html';

/** The tokens of a text and their chances, from 0 to 1, which add up to 1 over the text. */
export interface Pointers {
  tokens: string[];
  start: number[];
  end: number[];
}

/**
 * The chances of every token of the text; those of the question and of `[CLS]` are left out. The text is cut at `maxLength`.
 *
 * @throws EvaluationError `E_SCORES`
 * @example const { tokens, start } = await readPointers(model, tokenizer, 'Who won?', 'Ada won.')
 */
export async function readPointers(
  model: QuestionAnsweringModel,
  tokenizer: Tokenizer,
  question: string,
  context: string,
  maxLength = 384,
): Promise<Pointers> {
  const options = { truncation: 'only_second', maxLength: Math.min(maxLength, model.config.maxPositions) } as const;
  const row = await tokenizer.encodeBatch([question], [context], options);
  const none = { startPositions: new Int32Array(1), endPositions: new Int32Array(1) };
  const batch = makeBatch(toFeatures(row, none, 1), [0]);
  const [from, to] = sequenceRange(row.rows.sequences, 1);
  const { startLogits, endLogits } = model.forward(batch);
  try {
    const scores = await Promise.all([startLogits.data(), endLogits.data()]);
    scores.forEach(checkScores);
    const [start, end] = scores.map((logits) => Array.from(softmax(Array.from(logits).slice(from, to))));
    return { tokens: row.tokens(0).slice(from, to), start, end };
  } finally {
    tf.dispose([startLogits, endLogits]);
    batch.dispose();
  }
}

/** Of the bars: blue for starts, orange for ends, told apart also by place and by words. Words have the page's colour. */
const COLOURS = { start: '#4c78a8', end: '#f58518' };
/** Of the highest bar, in pixels. */
const HEIGHT = 26;

/**
 * The text as a strip of tokens: above each a bar for how likely the answer starts there, below one for how likely it ends there,
 * and arrows at the highest of each. Text is escaped; where styles are taken away, spaces still part the tokens.
 *
 * @param caption What stands above, such as the step of a training.
 * @example const strip = newDisplay(); strip.html(pointerStrip(await readPointers(model, tokenizer, question, text), question))
 */
export function pointerStrip({ tokens, start, end }: Pointers, caption = ''): string {
  const [first, last] = [best(start), best(end)];
  const chips = tokens.map((token, i) => {
    const inside = i >= first && i <= last ? 'background:rgba(255,213,77,0.45);' : '';
    const title = `${token}: start ${percent(start[i])}, end ${percent(end[i])}`;
    return (
      `<span style="display:inline-block;text-align:center;vertical-align:bottom;margin:2px 0" title="${escapeHtml(title)}">` +
      `<span style="display:block;height:14px;font-size:11px">${i === first ? 'start ▼ ' : ''}</span>` +
      barHtml(start[i], COLOURS.start, 'bottom') +
      `<span style="display:block;padding:0 2px;border-radius:3px;${inside}">${escapeHtml(token)}</span>` +
      barHtml(end[i], COLOURS.end, 'top') +
      `<span style="display:block;height:14px;font-size:11px">${i === last ? ' end ▲' : ''}</span></span>`
    );
  });
  const words = `Start at ${tokens[first]} (${percent(start[first])}), end at ${tokens[last]} (${percent(end[last])}).`;
  const head = `<div><b>${escapeHtml(caption)}</b> <small>${escapeHtml(words)}</small></div>`;
  return `<div style="font-family:monospace;font-size:13px">${head}<div style="line-height:1.2">${chips.join(' ')}</div></div>`;
}

/** A bar that stands on the token or hangs from it. */
function barHtml(share: number, colour: string, side: 'top' | 'bottom'): string {
  const height = Math.round(HEIGHT * Math.min(1, share));
  const space = `<span style="display:block;height:${HEIGHT - height}px"></span>`;
  const bar = `<span style="display:block;height:${height}px;background:${colour};margin:0 25%"></span>`;
  return side === 'bottom' ? space + bar : bar + space;
}

function best(chances: number[]): number {
  return chances.indexOf(Math.max(...chances));
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
