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
const isId = (value: unknown): value is number =>
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

function modelProblem(model: unknown): string | undefined {
  if (!isObject(model) || typeof model.vocab !== 'object' || model.vocab === null) {
    return 'no model.vocab in it; it is not a tokenizer, fetch it again';
  }
  const { vocab, type = 'BPE' } = model;
  if (typeof type !== 'string') return `model.type is ${quoted(type)}, not a name`;
  if (Array.isArray(vocab)) return scoresProblem(vocab) ?? unknownProblem(model, vocab.length);
  for (const [token, id] of Object.entries(vocab)) {
    if (!isId(id))
      return `model.vocab: the id of ${quoted(token)} is ${quoted(id)}; a whole number below ${LARGEST_ID} is needed`;
  }
  return undefined;
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

/** The steps before and after the model, with the steps inside them. */
function partProblem(json: Json): string | undefined {
  for (const name of ['normalizer', 'pre_tokenizer', 'post_processor', 'decoder']) {
    const part = json[name];
    if (part === undefined || part === null) continue;
    const problem = stepProblem(part);
    if (problem !== undefined) return `${name}: ${problem}`;
  }
  return undefined;
}

const LISTS = ['normalizers', 'pretokenizers', 'processors', 'decoders'];

function stepProblem(step: unknown): string | undefined {
  if (!isObject(step) || typeof step.type !== 'string') return `${quoted(step)} is no step with a type`;
  for (const name of LISTS) {
    const inner = step[name];
    if (inner === undefined) continue;
    if (!Array.isArray(inner)) return `${name} is no list`;
    for (const one of inner) {
      const problem = stepProblem(one);
      if (problem !== undefined) return problem;
    }
  }
  const content = step.type === 'Replace' ? step.content : step.type === 'Prepend' ? step.prepend : '';
  if (typeof content !== 'string') return `${step.type} has no text to put in`;
  if (content.length <= LONGEST_CONTENT) return undefined;
  return `${step.type} puts in ${content.length} characters; at most ${LONGEST_CONTENT} are allowed`;
}
