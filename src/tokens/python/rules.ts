// What a class of Python's transformers does with a vocabulary: the steps before and after the model, and its special tokens.
import { TokenError } from '../errors';
import type { PostProcessor } from '../layout';
import type { TokenizerConfig } from '../tokenizer-json';
import { toFlags, type Flags } from './added-tokens';
import type { PythonKind } from './classes';

/** A step of a tokenizer.json. */
export interface Step {
  type: string;
  [option: string]: unknown;
}

/** What was read from a folder, whichever file it was in. */
export interface Vocabulary {
  /** Ids by token, or tokens with their scores. */
  vocab: Record<string, number> | [token: string, score: number][];
  merges?: unknown[];
  /** SentencePiece's map of characters, in base 64. */
  charsMap?: string;
  /** Where scores come from a SentencePiece file: the unknown token's place in it. */
  unkId?: number;
}

/** The steps of one tokenizer. */
export interface Rules {
  normalizer: Step | null;
  pre_tokenizer: Step | null;
  decoder: Step | null;
  model: Step & { vocab: Vocabulary['vocab'] };
}

type Names = Record<'bos' | 'eos' | 'sep' | 'cls' | 'unk' | 'pad' | 'mask', string>;
const BERT_NAMES = {
  unk_token: '[UNK]',
  sep_token: '[SEP]',
  pad_token: '[PAD]',
  cls_token: '[CLS]',
  mask_token: '[MASK]',
};
const ROBERTA_NAMES = { bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>', sep_token: '</s>', pad_token: '<pad>', cls_token: '<s>', mask_token: '<mask>' }; // prettier-ignore
const DEBERTA_NAMES = { bos_token: '[CLS]', eos_token: '[SEP]', ...BERT_NAMES };

/** The special tokens that a class has where no file names them. */
export const DEFAULT_NAMES: Record<PythonKind, Record<string, string>> = {
  bert: BERT_NAMES,
  mpnet: { ...ROBERTA_NAMES, unk_token: '[UNK]' },
  roberta: ROBERTA_NAMES,
  deberta: DEBERTA_NAMES,
  'xlm-roberta': ROBERTA_NAMES,
  camembert: ROBERTA_NAMES,
  albert: { ...DEBERTA_NAMES, unk_token: '<unk>', pad_token: '<pad>' },
  rembert: { ...DEBERTA_NAMES, unk_token: '<unk>', pad_token: '<pad>' },
  'deberta-v2': DEBERTA_NAMES,
  file: {},
};

/** The flags of a special token that is given as a text. */
export function flagsOfName(kind: PythonKind, name: string, content: string): Flags {
  const isMask = name === 'mask_token';
  if (kind === 'mpnet' && name.endsWith('_token')) return toFlags(content, { lstrip: isMask });
  return toFlags(content, { special: true, lstrip: isMask && kind === 'camembert' });
}

/**
 * The rules of a class. Source: `__init__` of the tokenizers in transformers 5.23.
 *
 * @throws TokenError `E_TOKENIZER_FILE` for a setting that is no yes or no, or a vocabulary without the class's unknown token
 */
export function rulesOf(kind: PythonKind, vocabulary: Vocabulary, config: TokenizerConfig, names: Names): Rules {
  const settings = new Settings(config);
  switch (kind) {
    case 'bert':
    case 'mpnet':
      return bertRules(vocabulary, settings, names);
    case 'roberta':
    case 'deberta':
      return byteLevelRules(vocabulary, settings);
    case 'deberta-v2':
      return debertaRules(vocabulary, settings, names);
    default:
      return sentencePieceRules(kind, vocabulary, settings, names);
  }
}

/** Reads settings that must be yes or no. */
class Settings {
  constructor(private readonly config: TokenizerConfig) {}

  flag(name: string, fallback: boolean): boolean {
    const value = this.config[name] ?? fallback;
    if (typeof value === 'boolean') return value;
    throw new TokenError(
      'E_TOKENIZER_FILE',
      `tokenizer_config.json: ${name} is ${JSON.stringify(value)}; true or false is needed`,
    );
  }

  optional(name: string): boolean | null {
    return this.config[name] === undefined || this.config[name] === null ? null : this.flag(name, false);
  }
}

function bertRules(vocabulary: Vocabulary, settings: Settings, { unk }: Names): Rules {
  const vocab = toRecord(vocabulary.vocab);
  if (!Object.hasOwn(vocab, unk))
    throw new TokenError('E_TOKENIZER_FILE', `no ${unk} in the vocabulary; it is not a BERT vocabulary`);
  const rest = { continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab };
  return {
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: settings.flag('tokenize_chinese_chars', true),
      strip_accents: settings.optional('strip_accents'),
      lowercase: settings.flag('do_lower_case', true),
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: { type: 'WordPiece', unk_token: unk, ...rest },
  };
}

function byteLevelRules({ vocab, merges = [] }: Vocabulary, settings: Settings): Rules {
  const step = { type: 'ByteLevel', add_prefix_space: settings.flag('add_prefix_space', false), trim_offsets: true };
  const options = { dropout: null, unk_token: null, continuing_subword_prefix: '', end_of_word_suffix: '' };
  return {
    normalizer: null,
    pre_tokenizer: { ...step, use_regex: true },
    decoder: { ...step, use_regex: true },
    model: {
      type: 'BPE',
      ...options,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: toRecord(vocab),
      merges,
    },
  };
}

function metaspace(settings: Settings, without: 'never' | 'first'): Step {
  const scheme = settings.flag('add_prefix_space', true) ? 'always' : without;
  return { type: 'Metaspace', replacement: '▁', prepend_scheme: scheme, split: true };
}

function unigram(vocabulary: Vocabulary, unkId: number): Rules['model'] {
  const vocab = toScores(vocabulary.vocab);
  // a class reads the scores itself, as Python reads numbers
  if (unkId < vocab.length) return { type: 'Unigram', unk_id: unkId, vocab, byte_fallback: false, exact_scores: true };
  throw new TokenError('E_TOKENIZER_FILE', `the unknown token is number ${unkId} of a vocabulary of ${vocab.length}`);
}

function sentencePieceRules(kind: PythonKind, vocabulary: Vocabulary, settings: Settings, names: Names): Rules {
  const { charsMap } = vocabulary;
  const precompiled = charsMap ? [{ type: 'Precompiled', precompiled_charsmap: charsMap }] : [];
  const space = metaspace(settings, 'never');
  const scores = toScores(vocabulary.vocab);
  const unkId = { 'xlm-roberta': 3, albert: 1, rembert: 2 }[kind as string] ?? Math.max(0, scores.findIndex(([token]) => token === names.unk)); // prettier-ignore
  return {
    normalizer:
      kind === 'albert' || kind === 'rembert'
        ? albertNormalizer(kind, settings, precompiled)
        : (precompiled[0] ?? null),
    pre_tokenizer:
      kind === 'rembert' ? space : { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, space] },
    decoder: space,
    model: unigram(vocabulary, unkId),
  };
}

function albertNormalizer(kind: 'albert' | 'rembert', settings: Settings, precompiled: Step[]): Step {
  const isAlbert = kind === 'albert';
  const quotes = ['``', "''"].map((text) => ({ type: 'Replace', pattern: { String: text }, content: '"' }));
  const spaces = isAlbert ? [] : [{ type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' }];
  const accents = settings.flag('keep_accents', !isAlbert) ? [] : [{ type: 'NFKD' }, { type: 'StripAccents' }];
  const lower = settings.flag('do_lower_case', isAlbert) ? [{ type: 'Lowercase' }] : [];
  return { type: 'Sequence', normalizers: [...quotes, ...spaces, ...accents, ...lower, ...precompiled] };
}

function debertaRules(vocabulary: Vocabulary, settings: Settings, names: Names): Rules {
  const lower = settings.flag('do_lower_case', false) ? [{ type: 'Lowercase' }] : [];
  const punctuation = settings.flag('split_by_punct', false) ? [{ type: 'Punctuation', behavior: 'Isolated' }] : [];
  const space = metaspace(settings, 'first');
  const scores = toScores(vocabulary.vocab);
  // the class looks for the unknown token with a score of exactly 0
  const found = scores.findIndex(([token, score]) => token === names.unk && score === 0);
  return {
    normalizer: {
      type: 'Sequence',
      normalizers: [
        ...lower,
        { type: 'Replace', pattern: { Regex: '\\s{2,}|[\\n\\r\\t]' }, content: ' ' },
        { type: 'NFC' },
        { type: 'Strip', strip_left: false, strip_right: true },
      ],
    },
    pre_tokenizer: { type: 'Sequence', pretokenizers: [...punctuation, space] },
    decoder: space,
    model: unigram(vocabulary, found >= 0 ? found : (vocabulary.unkId ?? 1)),
  };
}

function toRecord(vocab: Vocabulary['vocab']): Record<string, number> {
  return Array.isArray(vocab) ? Object.fromEntries(vocab.map(([token], id) => [token, id])) : vocab;
}

function toScores(vocab: Vocabulary['vocab']): [string, number][] {
  if (Array.isArray(vocab)) return vocab;
  throw new TokenError(
    'E_TOKENIZER_FILE',
    'the tokenizer class needs a Unigram vocabulary, tokens with scores; this one has none',
  );
}

/** Special tokens around texts, as the class places them. Ids are those of the tokens once all are added. */
export function postProcessorOf(
  kind: PythonKind,
  config: TokenizerConfig,
  names: Names,
  idOf: (token: string) => number,
): PostProcessor {
  const settings = new Settings(config);
  const ends = (name: string): [string, number] => [name, idOf(name)];
  if (kind === 'roberta' || kind === 'mpnet') {
    const isRoberta = kind === 'roberta';
    return {
      type: 'RobertaProcessing',
      sep: ends(names.sep),
      cls: ends(names.cls),
      trim_offsets: isRoberta ? settings.flag('trim_offsets', true) : true,
      add_prefix_space: isRoberta && settings.flag('add_prefix_space', false),
    };
  }
  const [first, last] =
    kind === 'xlm-roberta' || kind === 'camembert' ? [names.bos, names.eos] : [names.cls, names.sep];
  const isTwice = kind === 'xlm-roberta' || kind === 'camembert' || kind === 'deberta';
  return template(first, last, isTwice, idOf);
}

/** `first A last`, and for pairs `first A last B last`, or with a second `last` between them and no second type. */
export function template(
  first: string,
  last: string,
  isTwice: boolean,
  idOf: (token: string) => number,
): PostProcessor {
  const special = (id: string, type: number) => ({ SpecialToken: { id, type_id: type }, Sequence: undefined });
  const text = (id: 'A' | 'B', type: number) => ({ Sequence: { id, type_id: type }, SpecialToken: undefined });
  const single = [special(first, 0), text('A', 0), special(last, 0)];
  const second = isTwice ? [special(last, 0), text('B', 0), special(last, 0)] : [text('B', 1), special(last, 1)];
  const specials = [first, last].map((token) => [token, { id: token, ids: [idOf(token)], tokens: [token] }]);
  return {
    type: 'TemplateProcessing',
    single,
    pair: [...single, ...second],
    special_tokens: Object.fromEntries(specials),
  };
}
