// Whether a tokenizer.json is one: its parts have the types that code relies on, its numbers are ids.
import { quoted } from '../printable';
import { TokenError } from './errors';
import type { TokenizerJson } from './tokenizer-json';

/** Ids beyond this are no rows of any embedding table. */
const LARGEST_ID = 1 << 24;
/** Longest text that a rule may put in the place of another, characters: real ones have one or two. */
const LONGEST_CONTENT = 64;

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a value can be a token's id: a whole number from 0 on, and no vocabulary is larger. */
export const isId = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < LARGEST_ID;

/**
 * @param file For the message.
 * @throws TokenError `E_TOKENIZER_FILE` that names the field
 * @example const json = checkTokenizerJson(content, 'models/mine/tokenizer.json')
 */
export function checkTokenizerJson(json: Json, file: string): TokenizerJson {
  const problem = modelProblem(json.model) ?? addedProblem(json.added_tokens) ?? partProblem(json);
  if (problem !== undefined) throw new TokenError('E_TOKENIZER_FILE', `${file}: ${problem}`);
  const parts = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
  return { ...parts, ...json, truncation: null, padding: null, added_tokens: json.added_tokens ?? [] } as TokenizerJson;
}

/** The models of the library `tokenizers`. */
const MODELS = ['BPE', 'WordPiece', 'WordLevel', 'Unigram'];

function modelProblem(model: unknown): string | undefined {
  if (!isObject(model) || typeof model.vocab !== 'object' || model.vocab === null) {
    return 'no model.vocab in it; it is not a tokenizer, fetch it again';
  }
  const { vocab, type = 'BPE' } = model;
  if (!MODELS.includes(type as string)) return `model.type is ${quoted(type)}; known are ${MODELS.join(', ')}`;
  if (Array.isArray(vocab)) return scoresProblem(vocab) ?? unknownProblem(model, vocab.length);
  for (const [token, id] of Object.entries(vocab)) {
    if (!isId(id))
      return `model.vocab: the id of ${quoted(token)} is ${quoted(id)}; a whole number below ${LARGEST_ID} is needed`;
  }
  return optionProblem(model);
}

const MODEL_TEXTS = ['unk_token', 'continuing_subword_prefix', 'end_of_word_suffix'];

function optionProblem(model: Json): string | undefined {
  const wrong = MODEL_TEXTS.find((name) => !orNone(isText)(model[name]));
  return wrong && `model.${wrong} is ${quoted(model[wrong])}`;
}

function scoresProblem(vocab: unknown[]): string | undefined {
  const at = vocab.findIndex(
    (entry) => !Array.isArray(entry) || typeof entry[0] !== 'string' || !Number.isFinite(entry[1]),
  );
  return at < 0 ? undefined : `model.vocab: entry ${at} is ${quoted(vocab[at])}, not a token with its score`;
}

function unknownProblem({ unk_id: id }: Json, size: number): string | undefined {
  if (id === null || id === undefined || (isId(id) && id < size)) return undefined;
  return `model.unk_id is ${quoted(id)}; the vocabulary has ${size} tokens`;
}

function addedProblem(added: unknown): string | undefined {
  if (added === undefined || added === null) return undefined;
  if (!Array.isArray(added)) return 'added_tokens is no list';
  const at = added.findIndex((token) => !isObject(token) || typeof token.content !== 'string' || !isId(token.id));
  return at < 0 ? undefined : `added_tokens: entry ${at} is ${quoted(added[at])}, not a token with "content" and "id"`;
}

/** The steps before and after the model, and the field in which a sequence of them has its own. */
const PARTS = {
  normalizer: 'normalizers',
  pre_tokenizer: 'pretokenizers',
  post_processor: 'processors',
  decoder: 'decoders',
};

function partProblem(json: Json): string | undefined {
  for (const [name, list] of Object.entries(PARTS)) {
    const part = json[name];
    const problem = part === undefined || part === null ? undefined : stepProblem(part, list);
    if (problem !== undefined) return `${name}: ${problem}`;
  }
  return undefined;
}

const isText = (value: unknown) => typeof value === 'string';
const isMark = (value: unknown) => typeof value === 'string' && Array.from(value).length === 1;
const isShort = (value: unknown) => typeof value === 'string' && value.length <= LONGEST_CONTENT;
const isFlag = (value: unknown) => typeof value === 'boolean';
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isPattern = (value: unknown) =>
  isObject(value) && (typeof value.String === 'string' || typeof value.Regex === 'string');
const orNone = (test: (value: unknown) => boolean) => (value: unknown) =>
  value === undefined || value === null || test(value);
const isScheme = (value: unknown) => ['always', 'never', 'first'].includes(value as string);

/** What the fields of a step must be; steps and fields that are not here are left to those who know them. */
const FIELDS: Record<string, Record<string, (value: unknown) => boolean>> = {
  Replace: { pattern: isPattern, content: isShort },
  Prepend: { prepend: isShort },
  Precompiled: { precompiled_charsmap: isText },
  Strip: { strip_left: orNone(isFlag), strip_right: orNone(isFlag), content: orNone(isMark), start: orNone(isCount), stop: orNone(isCount) }, // prettier-ignore
  BertNormalizer: { lowercase: orNone(isFlag), strip_accents: orNone(isFlag), clean_text: orNone(isFlag), handle_chinese_chars: orNone(isFlag) }, // prettier-ignore
  ByteLevel: { add_prefix_space: orNone(isFlag), trim_offsets: orNone(isFlag), use_regex: orNone(isFlag) },
  Metaspace: { replacement: orNone(isMark), prepend_scheme: orNone(isScheme), add_prefix_space: orNone(isFlag), split: orNone(isFlag) }, // prettier-ignore
  Split: { pattern: isPattern, behavior: isText, invert: orNone(isFlag) },
  Punctuation: { behavior: orNone(isText) },
  Digits: { individual_digits: orNone(isFlag) },
  WordPiece: { prefix: orNone(isText), cleanup: orNone(isFlag) },
};

function stepProblem(step: unknown, list: string): string | undefined {
  if (!isObject(step) || typeof step.type !== 'string') return `${quoted(step)} is no step with a type`;
  if (step.type === 'Sequence') {
    const steps = step[list];
    if (!Array.isArray(steps)) return `a sequence has no list of ${list}`;
    return steps.map((one: unknown) => stepProblem(one, list)).find((problem) => problem !== undefined);
  }
  const fields = Object.hasOwn(FIELDS, step.type) ? FIELDS[step.type] : {};
  const wrong = Object.entries(fields).find(([name, test]) => !isFieldOfOther(step, name, list) && !test(step[name]));
  return wrong && `${wrong[0]} of ${step.type} is ${quoted(step[wrong[0]])}`;
}

/** `Strip` and `Replace` are names of normalizers and of decoders, with other fields. */
function isFieldOfOther({ type }: Json, name: string, list: string): boolean {
  return type === 'Strip' && list === 'normalizers' && ['content', 'start', 'stop'].includes(name);
}
