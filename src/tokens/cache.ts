// Windows that were made before, from disk: found by what they were made of.
import { createHash } from 'node:crypto';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { toFileError } from '../errors';
import { cacheFolder } from '../root';
import type { SquadRecord } from '../squad/record';
import { readFeatures, writeFeatures } from './feature-file';
import type { Features } from './features';
import { answerEnd } from './positions';
import type { Tokenizer } from './tokenizer';
import { type WindowOptions, windowSettings } from './window-lengths';
import { windows } from './windows';
import { makeFolder } from '../make-folder';

/** Records hashed before the event loop gets a turn: a few milliseconds. */
const TURN_RECORDS = 500;

/**
 * {@link windows}, kept in `folder` under a key of data, tokenizer and options: a second run starts in seconds. A file
 * that is damaged is made anew; one that cannot be written is a warning, the features are returned all the same.
 *
 * @throws what {@link windows} throws
 * @example const features = await cachedWindows(records, tokenizer, { docStride: 128 })
 */
export async function cachedWindows(
  records: SquadRecord[],
  tokenizer: Tokenizer,
  options: WindowOptions = {},
  folder: string = cacheFolder('features'),
): Promise<Features> {
  const file = path.join(folder, `${await featuresKey(records, tokenizer, options)}.bin`);
  // whatever keeps the file from being read, the features can be made anew
  const kept = await readFeatures(file).catch(() => undefined);
  if (kept) return kept;
  const features = await windows(records, tokenizer, options);
  try {
    makeFolder(folder);
    writeFeatures(file, features);
  } catch (error) {
    const { message } = toFileError(error, file) as Error;
    process.emitWarning(`features are not kept for the next run: ${message}`);
  }
  return features;
}

/** SHA-256 of all that the windows depend on: texts, labels, tokenizer, options. */
export async function featuresKey(
  records: SquadRecord[],
  tokenizer: Tokenizer,
  options: WindowOptions,
): Promise<string> {
  const { maxLength, docStride, order } = windowSettings(options);
  const hash = createHash('sha256').update(JSON.stringify([tokenizer.fingerprint(), maxLength, docStride, order]));
  for (const [i, { question, context, answers, isImpossible }] of records.entries()) {
    const answer = isImpossible || answers.length === 0 ? [] : [answers[0].answerStart, answerEnd(answers[0])];
    hash.update(JSON.stringify([question, context, answer]));
    if (i % TURN_RECORDS === TURN_RECORDS - 1) await nextTurn();
  }
  return hash.digest('hex');
}
