// Whether a vocabulary is whole: a file of lines that was cut off reads as well as a whole one, and gives other tokens in silence.
import { counted } from '../counted';
import { TokenError } from './errors';

/**
 * Rows that a model has and no token: those with which tables are padded (to multiples of 1,024 at most) and those kept for later, of
 * which known models have up to 3 in 100. Beyond both limits a part of the file is missing.
 */
const SPARE_ROWS = 2048;
const SPARE_SHARE = 0.1;

const AGAIN = 'fetch the file again; if it is whole, save the tokenizer in Python (tokenizer.save_pretrained(folder)), for that writes tokenizer.json'; // prettier-ignore

/**
 * @param tokens In the vocabulary, added ones counted.
 * @param rows `vocab_size` of config.json, as it stands there.
 * @throws TokenError `E_TOKENIZER_FILE` for a vocabulary that is far smaller than the model's
 * @example checkSize('mine/vocab.txt', 15429, 30522)
 */
export function checkSize(file: string, tokens: number, rows: unknown): void {
  if (typeof rows !== 'number' || rows - tokens <= Math.max(SPARE_ROWS, rows * SPARE_SHARE)) return;
  const problem = `${counted(tokens, 'token')}, though the model has ${rows} (vocab_size in config.json): a part of it is missing`; // prettier-ignore
  throw new TokenError('E_TOKENIZER_FILE', `${file}: ${problem}; ${AGAIN}`);
}

/** Tokens of several characters that no merge makes: special ones, and bytes by their names. */
const UNMERGED = 512;

/**
 * Byte pairs: all tokens but single characters and a few special ones are made by a merge.
 *
 * @throws TokenError `E_TOKENIZER_FILE` for far fewer merges than tokens
 */
export function checkMerges(file: string, merges: number, vocab: Record<string, unknown>): void {
  const long = Object.keys(vocab).filter((token) => Array.from(token).length > 1).length;
  if (long - merges <= Math.max(UNMERGED, long * SPARE_SHARE)) return;
  const problem = `${counted(merges, 'merge')} for ${long} tokens of several characters in vocab.json: a part of it is missing`; // prettier-ignore
  throw new TokenError('E_TOKENIZER_FILE', `${file}: ${problem}; ${AGAIN}`);
}
