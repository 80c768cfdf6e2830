// Overlapping windows over long contexts and their labels, as Hugging Face's run_qa example makes them.
import type { SquadRecord } from '../squad/record';
import { type Source, rowChunks } from './chunks';
import { gatherRows } from './columns';
import { type Features, NO_ANSWER } from './features';
import { type ContextTokens, labelSpan } from './labels';
import { answerEnd, sequenceRange } from './positions';
import { type TokenRows, buildRows } from './rows';
import type { Tokenizer } from './tokenizer';
import { type WindowOptions, windowSettings } from './window-lengths';

/** White space at the left, as Python's `str.lstrip` sees it. */
const LEFT_SPACE = /^[\s\x1c-\x1f\x85]+/;

/**
 * Cuts every record into windows, in data order. The label is the first true answer where the window holds all of it;
 * where not, and for impossible questions, it is `[CLS]`.
 *
 * Source: `prepare_train_features` of transformers' `examples/pytorch/question-answering/run_qa.py`. One difference:
 * there, the start of an answer in the window's last word slides to the end of the row; here it stays.
 *
 * @throws {TokenError} `E_TOKENS_TOO_LONG` (a question that leaves no room for its context), `E_TOKENS_LENGTH`, `E_TOKENS_OVERLAP`
 * @example const features = await windows(records, tokenizer, { maxLength: 384, docStride: 128 })
 */
export async function windows(
  records: SquadRecord[],
  tokenizer: Tokenizer,
  options: WindowOptions = {},
): Promise<Features> {
  const { maxLength, docStride: overlap, order } = windowSettings(options);
  const isFitted = options.docStride === undefined;
  const contextSequence = order === 'question-first' ? 1 : 0;
  const rows = rowChunks(tokenizer.texts, pairs(records, contextSequence), {
    layout: tokenizer.layout,
    truncation: { strategy: contextSequence === 1 ? 'only_second' : 'only_first', maxLength, overlap, isFitted },
    keepOverflow: true,
    withWords: false,
    nameOf: (sample) => `question ${records[sample].id}`,
  });
  const features = await gatherRows(labelledPieces(rows, records, contextSequence), ({ record, count }) => {
    return (record[count - 1] + 1) / records.length;
  });
  return features ?? labelled(buildRows([], false), [], contextSequence);
}

async function* labelledPieces(
  rows: AsyncIterable<TokenRows>,
  records: SquadRecord[],
  contextSequence: 0 | 1,
): AsyncGenerator<Features> {
  for await (const piece of rows) yield labelled(piece, records, contextSequence);
}

function pairs(records: SquadRecord[], contextSequence: 0 | 1): Source {
  const context = (i: number) => records[i].context;
  const question = (i: number) => records[i].question.replace(LEFT_SPACE, '');
  const [first, second] = contextSequence === 1 ? [question, context] : [context, question];
  return { count: records.length, first, second };
}

function labelled(rows: TokenRows, records: SquadRecord[], contextSequence: 0 | 1): Features {
  const { count, rowStart, inputIds, tokenTypeIds, offsets, sequences, sample: record, overflow } = rows;
  const perRow = () => new Int32Array(count);
  const [contextStart, contextEnd, startPositions, endPositions] = [perRow(), perRow(), perRow(), perRow()];
  for (let row = 0; row < count; row++) {
    const ofRow = sequences.subarray(rowStart[row], rowStart[row + 1]);
    [contextStart[row], contextEnd[row]] = sequenceRange(ofRow, contextSequence);
    restoreLeftSpace(rows, row, contextSequence, records[record[row]].question);
    const tokens = { offsets, rowStart: rowStart[row], contextStart: contextStart[row], contextEnd: contextEnd[row] };
    [startPositions[row], endPositions[row]] = answerLabel(tokens, records[record[row]]);
  }
  const labels = { contextStart, contextEnd, startPositions, endPositions };
  return { count, rowStart, inputIds, tokenTypeIds, offsets, ...labels, record, overflow };
}

function answerLabel(tokens: ContextTokens, { answers, isImpossible }: SquadRecord): [start: number, end: number] {
  if (isImpossible || answers.length === 0) return [NO_ANSWER, NO_ANSWER];
  return labelSpan(tokens, answers[0].answerStart, answerEnd(answers[0]));
}

/** Moves the question's offsets by the white space that it was tokenized without. */
function restoreLeftSpace(rows: TokenRows, row: number, contextSequence: 0 | 1, question: string): void {
  const space = LEFT_SPACE.exec(question)?.[0].length ?? 0;
  if (space === 0) return;
  for (let token = rows.rowStart[row]; token < rows.rowStart[row + 1]; token++) {
    if (rows.sequences[token] !== 1 - contextSequence) continue;
    rows.offsets[2 * token] += space;
    rows.offsets[2 * token + 1] += space;
  }
}
