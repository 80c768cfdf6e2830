// The tokenizer.json of a BERT vocabulary, as Python's BertTokenizerFast makes it from vocab.txt and the configuration.
import { TokenError } from './errors';
import type { AddedTokenJson, TokenizerConfig, TokenizerJson } from './tokenizer-json';
import { tokenText } from './tokenizer-json';

/**
 * @param vocab token to id, `vocab.txt`
 * @throws {TokenError} `E_TOKENIZER_FILE` when a special token is not in the vocabulary
 * @example bertTokenizerJson({ '[PAD]': 0, … }, { do_lower_case: false }).model.type // 'WordPiece'
 */
export function bertTokenizerJson(vocab: Record<string, number>, config: TokenizerConfig): TokenizerJson {
  const names = (['unk', 'sep', 'pad', 'cls', 'mask'] as const).map((kind) => specialName(kind, config));
  const special = names.map((name) => addedToken(name, vocab)).sort((a, b) => a.id - b.id);
  const [unk, sep, , cls] = names;
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special,
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: config.tokenize_chinese_chars ?? true,
      strip_accents: config.strip_accents ?? null,
      lowercase: config.do_lower_case ?? true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: bertPostProcessor(cls, sep, vocab),
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: { type: 'WordPiece', unk_token: unk, continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab },
  };
}

function bertPostProcessor(cls: string, sep: string, vocab: Record<string, number>): TokenizerJson['post_processor'] {
  const special = (id: string, type: number) => ({ SpecialToken: { id, type_id: type }, Sequence: undefined });
  const text = (id: 'A' | 'B', type: number) => ({ Sequence: { id, type_id: type }, SpecialToken: undefined });
  const single = [special(cls, 0), text('A', 0), special(sep, 0)];
  return {
    type: 'TemplateProcessing',
    single,
    pair: [...single, text('B', 1), special(sep, 1)],
    special_tokens: Object.fromEntries(
      [cls, sep].map((token) => [token, { id: token, ids: [vocab[token]], tokens: [token] }]),
    ),
  };
}

function specialName(kind: 'unk' | 'sep' | 'pad' | 'cls' | 'mask', config: TokenizerConfig): string {
  return tokenText(config[`${kind}_token`]) ?? `[${kind.toUpperCase()}]`;
}

function addedToken(content: string, vocab: Record<string, number>): AddedTokenJson {
  const id = vocab[content];
  if (id === undefined)
    throw new TokenError('E_TOKENIZER_FILE', `vocab.txt: no ${content} in it; it is not a BERT vocabulary`);
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}
