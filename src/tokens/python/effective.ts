// The tokenizer that Python's transformers has after it read a folder, written as one tokenizer.json.
import { TokenError } from '../errors';
import type { AddedTokenJson, TokenizerConfig, TokenizerJson } from '../tokenizer-json';
import { type Flags, addTokens, planAddedTokens, toFlags } from './added-tokens';
import { type PythonKind, givesTypes } from './classes';
import type { PostProcessor } from '../layout';
import { type Vocabulary, DEFAULT_NAMES, flagsOfName, postProcessorOf, rulesOf, template } from './rules';

/** The files of a folder, as far as they are there. */
export interface FolderFiles {
  kind: PythonKind;
  config: TokenizerConfig;
  /** special_tokens_map.json */
  map: Record<string, unknown>;
  /** added_tokens.json */
  added: Record<string, unknown>;
  /** tokenizer.json; absent where the folder has only a vocabulary. */
  json?: TokenizerJson;
  vocabulary?: Vocabulary;
}

/** A tokenizer with the names of its special tokens as every file together gives them. */
export interface EffectiveTokenizer {
  json: TokenizerJson;
  /** tokenizer_config.json with the special tokens that the other files or the class name. */
  config: TokenizerConfig;
}

/**
 * What Python obeys, whichever file says it: a class's settings before tokenizer.json, added tokens of all files.
 * Source: transformers 5.23, `TokenizersBackend` and the classes' `__init__`.
 *
 * @throws TokenError `E_TOKENIZER_FILE`, `E_TOKENIZER_UNSUPPORTED`
 */
export function effectiveTokenizer(files: FolderFiles): EffectiveTokenizer {
  const { kind, config, json } = files;
  checkSettings(config);
  if (kind === 'file' && !json)
    throw new TokenError('E_TOKENIZER_FILE', 'no tokenizer.json, and no class that needs none');
  const asIs = kind === 'file' ? json : undefined;
  const { names, tokens } = namesAndTokens(files, asIs?.added_tokens ?? []);
  const base = asIs ?? rebuilt(files, names);
  const model = modelIds(base);
  const all = addTokens(asIs?.added_tokens ?? [], tokens, model.idOf, model.size);
  const idOf = (token: string) => all.find(({ content }) => content === token)?.id ?? model.idOf(token) ?? 0;
  const post = asIs ? asIs.post_processor : postProcessorOf(kind, config, shortNames(names), idOf);
  const isTyped = givesTypes(kind, config.tokenizer_class, config.model_input_names);
  const parts = { added_tokens: all, post_processor: isTyped ? post : withoutTypes(post) };
  const splits = config.split_special_tokens === true ? { split_special_tokens: true } : {};
  return { json: { ...base, ...parts, ...splits }, config: { ...config, ...names } };
}

function namesAndTokens({ kind, config, map, added, json }: FolderFiles, present: AddedTokenJson[]) {
  const sources = { config, map, added, json: json?.added_tokens ?? [], defaults: DEFAULT_NAMES[kind] };
  const flagsOf = (name: string, content: string) => flagsOfName(kind, name, content);
  const { named, tokens } = planAddedTokens({ ...sources, flagsOf }, present.map(withoutId));
  const names = Object.fromEntries(Object.entries(named).map(([name, { content }]) => [name, content]));
  return { names, tokens };
}

function checkSettings({ truncation_side: side }: TokenizerConfig): void {
  if (side !== 'left') return;
  const problem = 'truncation_side "left" is not supported: windows are cut from the left on';
  throw new TokenError('E_TOKENIZER_UNSUPPORTED', problem);
}

/** In the order of {@link toFlags}, by which tokens are compared. */
function withoutId(token: AddedTokenJson): Flags {
  return toFlags(token.content, token);
}

function rebuilt(files: FolderFiles, names: Record<string, string>): TokenizerJson {
  const { kind, config, json } = files;
  const vocabulary = files.vocabulary ?? vocabularyOf(json!);
  const rules = rulesOf(kind, vocabulary, config, shortNames(names));
  const empty = { version: '1.0', truncation: null, padding: null, added_tokens: [], post_processor: null };
  return { ...empty, ...rules } as unknown as TokenizerJson;
}

/** What a class takes from tokenizer.json. */
function vocabularyOf({ model, normalizer }: TokenizerJson): Vocabulary {
  const steps = (normalizer?.normalizers ?? [normalizer]) as ({ precompiled_charsmap?: string } | null)[];
  const charsMap = steps.find((step) => step?.precompiled_charsmap !== undefined)?.precompiled_charsmap;
  return { vocab: model.vocab, merges: model.merges as unknown[] | undefined, charsMap };
}

function shortNames(
  names: Record<string, string>,
): Record<'bos' | 'eos' | 'sep' | 'cls' | 'unk' | 'pad' | 'mask', string> {
  const name = (role: string) => names[`${role}_token`] ?? '';
  return { bos: name('bos'), eos: name('eos'), sep: name('sep'), cls: name('cls'), unk: name('unk'), pad: name('pad'), mask: name('mask') }; // prettier-ignore
}

function modelIds({ model }: TokenizerJson): { idOf: (token: string) => number | undefined; size: number } {
  const { vocab } = model;
  if (!Array.isArray(vocab)) {
    const idOf = (token: string) => (Object.hasOwn(vocab, token) ? vocab[token] : undefined);
    return { idOf, size: Object.keys(vocab).length };
  }
  const ids = new Map((vocab as unknown as [string, number][]).map(([token], id) => [token, id]));
  return { idOf: (token) => ids.get(token), size: vocab.length };
}

/** Where Python gives a model no types of tokens, all are 0. BERT's processor, whose second text has type 1, becomes a template. */
function withoutTypes<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item: unknown) => withoutTypes(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    key === 'type_id' ? 0 : withoutTypes(inner as unknown),
  ]);
  const { type, cls, sep } = value as unknown as PostProcessor;
  if (type === 'BertProcessing' && Array.isArray(cls) && Array.isArray(sep)) return untypedTemplate(cls, sep) as T;
  return Object.fromEntries(entries) as T;
}

function untypedTemplate(cls: [string, number], sep: [string, number]): PostProcessor {
  const ids = new Map([cls, sep]);
  return withoutTypes(template(cls[0], sep[0], false, (token) => ids.get(token)!));
}
