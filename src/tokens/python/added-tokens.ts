// The tokens besides a vocabulary, put together from all files that may name them, in Python's order and with its precedence.
import { TokenError } from '../errors';
import type { AddedTokenJson, TokenizerConfig } from '../tokenizer-json';

/** A token to be added, before it has an id. */
export type Flags = Omit<AddedTokenJson, 'id'>;

/** In Python's order. */
const NAMED = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];

/** What the files of a folder say of added tokens. */
export interface AddedSources {
  config: TokenizerConfig;
  /** special_tokens_map.json */
  map: Record<string, unknown>;
  /** added_tokens.json: ids by token. */
  added: Record<string, unknown>;
  /** `added_tokens` of tokenizer.json. */
  json: AddedTokenJson[];
  /** Names that the class gives where no file does. */
  defaults: Record<string, string>;
  /** The flags that the class gives a token with a role that comes as a text. */
  flagsOf: (name: string, content: string) => Flags;
}

/** The special tokens by name, and all tokens to be added one after the other. */
export interface AddedPlan {
  named: Record<string, Flags>;
  tokens: Flags[];
}

/** A token as `AddedToken(…)` of Python makes it. */
export function toFlags(content: string, options: Partial<Flags> = {}): Flags {
  const special = options.special ?? false;
  return {
    content,
    single_word: options.single_word ?? false,
    lstrip: options.lstrip ?? false,
    rstrip: options.rstrip ?? false,
    normalized: options.normalized ?? !special,
    special,
  };
}

/**
 * Source: `_from_pretrained` of `PreTrainedTokenizerBase` and `__init__` of `TokenizersBackend` in transformers 5.23.
 *
 * @param present Tokens that are added already, with their flags: those of tokenizer.json where it is taken as it is.
 */
export function planAddedTokens(sources: AddedSources, present: Flags[]): AddedPlan {
  const { config, map, added, json } = sources;
  const settings = withNewName(config);
  const byId = decoderTokens(config.added_tokens_decoder);
  if (config.added_tokens_decoder === undefined) {
    for (const [key, value] of Object.entries(map)) settings[key] = mapValue(key, value, settings);
    for (const [id, flags] of legacyTokens(added, settings)) byId.set(id, flags);
    for (const { id, ...flags } of json) byId.set(id, toFlags(flags.content, flags));
  }
  const byContent = new Map([...byId.values()].map((flags) => [flags.content, flags]));
  const named = namedTokens(settings, sources, byContent);
  const names = new Set(Object.values(named).map(({ content }) => content));
  const isPresent = new Set(present.map((flags) => JSON.stringify(flags)));
  const tokens = [...byId].sort(([a], [b]) => a - b).map(([, flags]) => flags).filter((flags) => !isPresent.has(JSON.stringify(flags))); // prettier-ignore
  const known = new Set([...present, ...tokens].map(({ content }) => content));
  for (const flags of [...Object.values(named), ...extraTokens(settings)]) {
    if (!known.has(flags.content)) tokens.push(flags);
    known.add(flags.content);
  }
  return { named, tokens: tokens.map((flags) => (names.has(flags.content) ? { ...flags, special: true } : flags)) };
}

function decoderTokens(decoder: unknown): Map<number, Flags> {
  const tokens = new Map<number, Flags>();
  for (const [id, token] of Object.entries((decoder ?? {}) as Record<string, unknown>)) {
    const flags = objectToken(token);
    if (!/^\d+$/.test(id) || !flags) {
      throw new TokenError(
        'E_TOKENIZER_FILE',
        `tokenizer_config.json: added_tokens_decoder.${id} is no token with "content"`,
      );
    }
    tokens.set(Number(id), flags);
  }
  return tokens;
}

function objectToken(token: unknown): Flags | undefined {
  if (typeof token !== 'object' || token === null) return undefined;
  const { content } = token as Partial<Flags>;
  return typeof content === 'string' ? toFlags(content, token as Partial<Flags>) : undefined;
}

/** The settings of tokenizer_config.json; transformers 5 has a new name for `additional_special_tokens`. */
function withNewName(config: TokenizerConfig): Record<string, unknown> {
  const { additional_special_tokens: old, ...settings } = config as Record<string, unknown>;
  const isNew = Object.values(settings.extra_special_tokens ?? {}).length > 0;
  if (old === undefined) return settings;
  return isNew ? { ...settings, additional_special_tokens: old } : { ...settings, extra_special_tokens: old };
}

/** special_tokens_map.json makes its tokens special, whatever it says; a list of further ones joins that of the settings. */
function mapValue(key: string, value: unknown, settings: Record<string, unknown>): unknown {
  if (key === 'extra_special_tokens' && Array.isArray(value)) {
    const before = Array.isArray(settings[key]) ? (settings[key] as unknown[]) : [];
    return [...before, ...(value as unknown[]).filter((token) => !before.includes(token))];
  }
  const flags = objectToken(value);
  return flags ? toFlags(flags.content, { ...(value as Partial<Flags>), special: true }) : value;
}

function* legacyTokens(added: Record<string, unknown>, settings: Record<string, unknown>): Generator<[number, Flags]> {
  // under its old name in special_tokens_map.json a list makes no token of added_tokens.json special, nor does an object of names
  const extra = Array.isArray(settings.extra_special_tokens) ? (settings.extra_special_tokens as unknown[]) : [];
  const special = new Set([...NAMED.map((name) => settings[name]), ...extra].map(textOf));
  for (const [content, id] of Object.entries(added)) {
    if (!Number.isSafeInteger(id)) {
      throw new TokenError(
        'E_TOKENIZER_FILE',
        `added_tokens.json: the id of ${JSON.stringify(content)} is no whole number`,
      );
    }
    yield [id as number, toFlags(content, { special: special.has(content), normalized: !special.has(content) })];
  }
}

function textOf(token: unknown): string | undefined {
  return typeof token === 'string' ? token : objectToken(token)?.content;
}

/** The tokens with a role, then those of the model's own (`image_token` and the like). */
function namedTokens(
  settings: Record<string, unknown>,
  { defaults, flagsOf }: AddedSources,
  byContent: Map<string, Flags>,
): Record<string, Flags> {
  const named: Record<string, Flags> = {};
  const others = Object.keys(settings).filter((key) => key.endsWith('_token') && !NAMED.includes(key));
  for (const key of [...NAMED, ...others]) {
    const value = settings[key] ?? (key in settings ? undefined : defaults[key]);
    const content = textOf(value);
    if (content === undefined || content === '') continue;
    const isOwn = key in settings;
    const flags = typeof value === 'string' ? flagsOf(key, content) : objectToken(value)!;
    named[key] = (isOwn && NAMED.includes(key) ? byContent.get(content) : undefined) ?? flags;
  }
  return named;
}

function extraTokens(settings: Record<string, unknown>): Flags[] {
  const extra = (settings.extra_special_tokens ?? settings.additional_special_tokens ?? []) as unknown;
  const list = Array.isArray(extra) ? (extra as unknown[]) : Object.values(extra as Record<string, unknown>);
  return list.flatMap((token) => {
    if (typeof token === 'string') return [toFlags(token, { special: true })];
    return objectToken(token) ?? [];
  });
}

/**
 * Adds tokens as the Rust crate does: one that the vocabulary has keeps its id, a new one gets the next.
 *
 * @param size Tokens of the vocabulary proper.
 */
export function addTokens(
  present: AddedTokenJson[],
  tokens: Flags[],
  idOf: (content: string) => number | undefined,
  size: number,
): AddedTokenJson[] {
  const byContent = new Map(present.map((token) => [token.content, token]));
  let next = present.reduce((highest, { id }) => Math.max(highest, id + 1), size);
  for (const flags of tokens) {
    if (flags.content === '') continue;
    const id = byContent.get(flags.content)?.id ?? idOf(flags.content) ?? next++;
    byContent.set(flags.content, { id, ...flags });
  }
  // where two contents share an id, the later one is what the id stands for
  const byId = new Map([...byContent.values()].map((token) => [token.id, token]));
  return [...byId.values()].sort((a, b) => a.id - b.id);
}
