// The lesson's way from records to features: one row a question, cut at the model's limit, labelled by characters.
import type { Answer, SquadRecord } from '../squad/record';
import type { Features } from './features';
import { addTokenPositions, toFeatures } from './positions';
import type { Tokenizer } from './tokenizer';
import type { WindowOptions } from './window-lengths';

/** An impossible question has no characters to look for: its label is where a cut off answer's is. */
const NOWHERE: Answer = { text: '', answerStart: -1 };

/**
 * One row for each record, labelled with its first answer. What does not fit is cut off, and an answer in it gets the
 * label `tokenizer.modelMaxLength`, which no row reaches; {@link windows} is the way that loses nothing.
 *
 * @param options `order` is the lesson's (context, question) unless given, `maxLength` the model's limit
 * @example const features = await lessonFeatures(records, tokenizer)
 */
export async function lessonFeatures(
  records: SquadRecord[],
  tokenizer: Tokenizer,
  options: Pick<WindowOptions, 'maxLength' | 'order'> = {},
): Promise<Features> {
  const { maxLength = tokenizer.modelMaxLength, order = 'context-first' } = options;
  const contexts = records.map((record) => record.context);
  const questions = records.map((record) => record.question);
  const isContextFirst = order === 'context-first';
  const [texts, pairs] = isContextFirst ? [contexts, questions] : [questions, contexts];
  const encodings = await tokenizer.encodeBatch(texts, pairs, { truncation: true, maxLength });
  const answers = records.map((record) => record.answers[0] ?? NOWHERE);
  const sequence = isContextFirst ? 0 : 1;
  const positions = addTokenPositions(encodings, answers, { sequence, truncated: tokenizer.modelMaxLength });
  return toFeatures(encodings, positions, sequence);
}
