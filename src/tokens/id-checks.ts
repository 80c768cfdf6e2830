// Rows of tokens against the tables of a model: an id beyond them would read memory that is not the model's, or end the process.
import { printable } from '../printable';
import { TokenError } from './errors';

/** The rows, of which any may be given to a model. */
interface Rows {
  inputIds: Int32Array; // [tokens]
  tokenTypeIds: Uint8Array; // [tokens]
}

/** The sizes of a model's tables. */
interface Tables {
  vocabularySize: number;
  /** 0 for a model without token types, which takes none. */
  typeVocabularySize: number;
}

/**
 * @param nameOf The text of a token, for the message.
 * @throws TokenError `E_TOKENS_ID` for a token or a token type that the model has no vector for
 * @example checkIds(features, model.config)
 */
export function checkIds(rows: Rows, tables: Tables, nameOf?: (id: number) => string | undefined): void {
  const { vocabularySize, typeVocabularySize } = tables;
  for (const id of rows.inputIds) {
    if (id >= 0 && id < vocabularySize) continue;
    const name = nameOf?.(id);
    const token = name === undefined ? `token ${id}` : `token ${id} (${printable(name, 40)})`;
    throw new TokenError(
      'E_TOKENS_ID',
      `${token} is outside the model's ${vocabularySize} tokens (vocab_size in config.json): tokenizer and model do not belong together, or tokens were added and the model was not resized`,
    );
  }
  if (typeVocabularySize === 0) return;
  for (const type of rows.tokenTypeIds) {
    if (type < typeVocabularySize) continue;
    throw new TokenError(
      'E_TOKENS_ID',
      `token type ${type} is outside the model's ${typeVocabularySize} (type_vocab_size in config.json); the tokenizer's model_input_names without "token_type_ids" leave types out`,
    );
  }
}
