// Which class of Python's transformers reads a tokenizer's folder: it decides whether tokenizer.json or the settings win.
import { printable } from '../../printable';
import { TokenError } from '../errors';

/**
 * The ways in which Python makes a tokenizer. All but `file` take no more than the vocabulary (and merges, and the map of
 * characters) from tokenizer.json; their rules come from the class and tokenizer_config.json. `file` takes tokenizer.json as it is.
 */
export type PythonKind = 'bert' | 'mpnet' | 'roberta' | 'deberta' | 'xlm-roberta' | 'camembert' | 'albert' | 'rembert' | 'deberta-v2' | 'file'; // prettier-ignore

/** Classes, without `Fast`, as `tokenizer_class_from_name` of transformers 5.23 resolves them. */
const KINDS: Record<string, PythonKind> = {
  BertTokenizer: 'bert',
  DistilBertTokenizer: 'bert',
  ElectraTokenizer: 'bert',
  ConvBertTokenizer: 'bert',
  DPRReaderTokenizer: 'bert',
  DPRQuestionEncoderTokenizer: 'bert',
  DPRContextEncoderTokenizer: 'bert',
  LayoutLMTokenizer: 'bert',
  LxmertTokenizer: 'bert',
  MobileBertTokenizer: 'bert',
  SqueezeBertTokenizer: 'bert',
  MPNetTokenizer: 'mpnet',
  RobertaTokenizer: 'roberta',
  BartTokenizer: 'roberta',
  LongformerTokenizer: 'roberta',
  LEDTokenizer: 'roberta',
  DebertaTokenizer: 'deberta',
  XLMRobertaTokenizer: 'xlm-roberta',
  CamembertTokenizer: 'camembert',
  AlbertTokenizer: 'albert',
  RemBertTokenizer: 'rembert',
  DebertaV2Tokenizer: 'deberta-v2',
};

/** The class that a model's type stands for where the folder names none. */
const CLASS_OF_MODEL: Record<string, string> = {
  bert: 'BertTokenizer',
  distilbert: 'BertTokenizer',
  electra: 'BertTokenizer',
  convbert: 'BertTokenizer',
  mobilebert: 'MobileBertTokenizer',
  nomic_bert: 'BertTokenizer',
  mpnet: 'MPNetTokenizer',
  roberta: 'RobertaTokenizer',
  longformer: 'RobertaTokenizer',
  deberta: 'DebertaTokenizer',
  'xlm-roberta': 'XLMRobertaTokenizer',
  camembert: 'CamembertTokenizer',
  albert: 'AlbertTokenizer',
  rembert: 'RemBertTokenizer',
  'deberta-v2': 'DebertaV2Tokenizer',
};

/** Models whose folders name a wrong class; Python passes over it. */
const NOT_BY_CLASS = ['modernbert', 'modernbert-decoder'];

/** Classes that split by Python code of their own, which no tokenizer.json can say. */
const BY_CODE: Record<string, string> = {
  BertJapaneseTokenizer: 'it splits Japanese by MeCab, Sudachi or Jumanpp',
  BertweetTokenizer: 'it normalizes tweets by code of its own',
  PhobertTokenizer: 'it needs Vietnamese words that were segmented before',
  RoCBertTokenizer: 'it needs shapes and sounds of Chinese characters',
  TapasTokenizer: 'it reads tables',
  CanineTokenizer: 'it has no vocabulary',
  ByT5Tokenizer: 'it has no vocabulary',
  FlaubertTokenizer: 'it splits by sacremoses',
  XLMTokenizer: 'it splits by sacremoses',
  FSMTTokenizer: 'it splits by sacremoses',
  EsmTokenizer: 'it reads proteins',
  RoFormerTokenizer: 'it splits Chinese by rjieba',
  MecabBertTokenizer: 'it splits Korean by MeCab',
  KoBertTokenizer: 'it is code outside transformers',
};

/** What names a tokenizer's class in a folder. */
export interface ClassSettings {
  /** `tokenizer_class` of tokenizer_config.json, else of config.json. */
  tokenizerClass?: unknown;
  /** `model_type` of config.json. */
  modelType?: unknown;
}

/**
 * The way in which Python's `AutoTokenizer` reads a folder. Source: `AutoTokenizer.from_pretrained` of transformers 5.23.
 *
 * @throws TokenError `E_TOKENIZER_UNSUPPORTED` for a class that splits texts by other code than a tokenizer.json's
 * @example pythonKind({ tokenizerClass: 'BertTokenizerFast', modelType: 'bert' }) // 'bert'
 */
export function pythonKind({ tokenizerClass, modelType }: ClassSettings): PythonKind {
  const named = typeof tokenizerClass === 'string' ? tokenizerClass.replace(/Fast$/, '') : undefined;
  if (named !== undefined && Object.hasOwn(BY_CODE, named)) {
    throw new TokenError(
      'E_TOKENIZER_UNSUPPORTED',
      `tokenizer_class ${printable(named, 60)} is not supported: ${BY_CODE[named]}; take a model whose tokenizer is a tokenizer.json`,
    );
  }
  const type = typeof modelType === 'string' ? modelType : '';
  if (NOT_BY_CLASS.includes(type)) return 'file';
  const name = named ?? (Object.hasOwn(CLASS_OF_MODEL, type) ? CLASS_OF_MODEL[type] : undefined);
  return name !== undefined && Object.hasOwn(KINDS, name) ? KINDS[name] : 'file';
}

/** Whether Python gives a model the types of tokens. A folder that says nothing of itself has those of its tokenizer.json. */
export function givesTypes(kind: PythonKind, named: unknown, names: unknown): boolean {
  if (Array.isArray(names)) return names.includes('token_type_ids');
  if (kind === 'file') return named === undefined;
  if (kind === 'deberta' || kind === 'deberta-v2') return true;
  const isWithout = typeof named === 'string' && /^(DistilBert|DPRReader)Tokenizer/.test(named);
  return kind === 'bert' && !isWithout;
}
