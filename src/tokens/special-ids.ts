// The ids of the special tokens, by what the folder's configuration calls them.
import { TokenError } from './errors';
import type { TextTokenizer } from './text-tokens';
import { type TokenizerConfig, tokenText } from './tokenizer-json';

export interface SpecialIds {
  padId: number;
  clsId: number;
  sepId: number;
  unkId: number;
  maskId: number | undefined;
}

/** Names that BERT's and RoBERTa's families use, for folders without a configuration. */
const USUAL_NAMES = {
  pad: ['[PAD]', '<pad>'],
  cls: ['[CLS]', '<s>'],
  sep: ['[SEP]', '</s>'],
  unk: ['[UNK]', '<unk>'],
  mask: ['[MASK]', '<mask>'],
};

/** @throws {TokenError} `E_TOKENIZER_SPECIAL` when the vocabulary lacks a token that question answering needs */
export function specialIds(config: TokenizerConfig, texts: TextTokenizer, dir: string): SpecialIds {
  const find = (kind: keyof typeof USUAL_NAMES): number | undefined => {
    const name = tokenText(config[`${kind}_token`]);
    const names = name === undefined ? USUAL_NAMES[kind] : [name];
    return names.map((candidate) => texts.tokenToId(candidate)).find((id) => id !== undefined);
  };
  const need = (kind: keyof typeof USUAL_NAMES): number => {
    const id = find(kind);
    if (id !== undefined) return id;
    throw new TokenError(
      'E_TOKENIZER_SPECIAL',
      `${dir}: no ${kind} token; name it as "${kind}_token" in tokenizer_config.json`,
    );
  };
  return { padId: need('pad'), clsId: need('cls'), sepId: need('sep'), unkId: need('unk'), maskId: find('mask') };
}
