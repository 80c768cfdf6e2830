// Texts to tokens by the npm package `tokenizers`: Hugging Face's own Rust code, on all cores, off the event loop.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Encoding, Tokenizer } from 'tokenizers';
import { quoted } from '../printable';
import { toUtf16Positions } from './code-points';
import { TokenError } from './errors';
import type { TextTokenizer, TextTokens } from './text-tokens';

/** Texts whose tokens are taken over before the event loop gets a turn: a few milliseconds. */
const TURN_TEXTS = 32;

/**
 * Loads the native tokenizer from the text of a `tokenizer.json`, with its truncation and padding switched off.
 *
 * @throws when the package has no build for this platform, or the JSON is not a tokenizer
 */
export async function nativeTokenizer(json: string): Promise<TextTokenizer> {
  const tokenizer = (await import('tokenizers')).Tokenizer.fromString(json);
  tokenizer.disableTruncation();
  tokenizer.disablePadding();
  return new NativeTokenizer(tokenizer);
}

class NativeTokenizer implements TextTokenizer {
  readonly name = 'native';
  readonly concurrency = 6;
  readonly vocabSize: number;

  constructor(private readonly tokenizer: Tokenizer) {
    this.vocabSize = tokenizer.getVocabSize(true);
  }

  async tokenize(texts: string[]): Promise<TextTokens[]> {
    if (texts.length === 0) return [];
    const encodings = await this.tokenizer.encodeBatch(texts, { addSpecialTokens: false }).catch(refuse);
    const tokenized: TextTokens[] = [];
    for (const [i, encoding] of encodings.entries()) {
      tokenized.push(toTextTokens(texts[i], encoding));
      if (i % TURN_TEXTS === TURN_TEXTS - 1) await nextTurn();
    }
    return tokenized;
  }

  decode(ids: number[], skipSpecialTokens: boolean): Promise<string> {
    return this.tokenizer.decode(ids, skipSpecialTokens).catch(refuse);
  }

  tokenToId(token: string): number | undefined {
    return this.tokenizer.tokenToId(token) ?? undefined;
  }

  idToToken(id: number): string | undefined {
    return this.tokenizer.idToToken(id) ?? undefined;
  }
}

/** Some faults of a tokenizer.json show at the first text that needs what is missing. */
function refuse(cause: Error): never {
  const problem = quoted(cause.message.split('\n')[0].trim());
  throw new TokenError(
    'E_TOKENIZER_NATIVE',
    `the package tokenizers cannot go on with this tokenizer: ${problem}; correct tokenizer.json, or save it again in Python`,
    { cause },
  );
}

function toTextTokens(text: string, encoding: Encoding): TextTokens {
  const pairs = encoding.getOffsets();
  const offsets = new Int32Array(pairs.length * 2);
  for (let i = 0; i < pairs.length; i++) {
    offsets[2 * i] = pairs[i][0];
    offsets[2 * i + 1] = pairs[i][1];
  }
  return {
    ids: new Int32Array(encoding.getIds()),
    offsets: toUtf16Positions(text, offsets),
    words: () => new Int32Array(encoding.getWordIds() as number[]),
  };
}
