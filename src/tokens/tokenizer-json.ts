// What tokenizer.json and tokenizer_config.json hold.
import type { PostProcessor } from './layout';

/** A special token in a configuration: its text, or an object that has it. */
type TokenSetting = string | { content: string } | null;

/** The parts of `tokenizer_config.json` and `special_tokens_map.json` that are used; the rest is carried along. */
export interface TokenizerConfig {
  model_max_length?: number;
  /** The name that `model_max_length` had before. */
  max_len?: number;
  do_lower_case?: boolean;
  strip_accents?: boolean | null;
  tokenize_chinese_chars?: boolean;
  pad_token?: TokenSetting;
  unk_token?: TokenSetting;
  cls_token?: TokenSetting;
  sep_token?: TokenSetting;
  mask_token?: TokenSetting;
  bos_token?: TokenSetting;
  eos_token?: TokenSetting;
  [key: string]: unknown;
}

/** The parts of `tokenizer.json` that are used; the rest is carried along. */
export interface TokenizerJson {
  truncation: unknown;
  padding: unknown;
  added_tokens: AddedTokenJson[];
  /** Our own field: special tokens in texts are taken apart like other words (a setting of tokenizer_config.json). */
  split_special_tokens?: boolean;
  normalizer: { type: string; [option: string]: unknown } | null;
  pre_tokenizer: { type: string } | null;
  post_processor: PostProcessor | null;
  decoder: { type: string; prefix?: string; cleanup?: boolean } | null;
  /** `exact_scores` is our own, and not written: the scores are not those of a file that the Rust crate has read. */
  model: { type?: string; vocab: Record<string, number>; exact_scores?: boolean; [option: string]: unknown };
  [key: string]: unknown;
}

/** A token that is looked for before anything else. */
export interface AddedTokenJson {
  id: number;
  content: string;
  single_word: boolean;
  lstrip: boolean;
  rstrip: boolean;
  normalized: boolean;
  special: boolean;
}

/** The text of a special token as a configuration gives it. */
export function tokenText(setting: TokenSetting | undefined): string | undefined {
  return typeof setting === 'string' ? setting : setting?.content;
}
