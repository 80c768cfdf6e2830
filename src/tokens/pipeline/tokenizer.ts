// Tokenizers of byte pairs and of Unigram in plain TypeScript, step by step as tokenizer.json says: with offsets, in Node and browser.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TokenError } from '../errors';
import type { TextTokenizer, TextTokens } from '../text-tokens';
import type { TokenizerJson } from '../tokenizer-json';
import { TokenList } from '../wordpiece/token-list';
import { AddedTokens } from './added';
import { BpeModel } from './bpe';
import { type Decoder, toDecoder } from './decoders';
import { checkGrowth } from './limits';
import { type Step, toNormalizer } from './normalizers';
import { type Piece, originalRange } from './piece';
import { type PreTokenizer, toPreTokenizer } from './pre-tokenizers';
import { trimOffsets, trimsOf } from './trim';
import { UnigramModel } from './unigram';
import { Unsupported } from './unsupported';
import type { WordModel, WordTokens } from './word-model';
import { WordPieceWords } from './word-piece';

/** How long texts are tokenized before the event loop gets a turn. */
const TURN_MILLISECONDS = 4;
const REMEMBERED_WORDS = 1 << 15;
/** Strings up to this length are copies in V8; longer ones would keep the whole text that they were cut from. */
const REMEMBERED_LENGTH = 12;

/**
 * Equal to the native package in ids, offsets and words.
 *
 * @throws {TokenError} `E_TOKENIZER_UNSUPPORTED` for a tokenizer.json with parts that it does not have; `E_TOKENIZER_PATTERN`
 * @example await new PipelineTokenizer(json).tokenize(['Where?'])
 */
export class PipelineTokenizer implements TextTokenizer {
  readonly name = 'typescript';
  readonly concurrency = 0;
  readonly vocabSize: number;
  private readonly model: WordModel;
  private readonly added: AddedTokens;
  private readonly cut: PreTokenizer;
  private readonly decoder: Decoder;
  private readonly trims: boolean[];
  private readonly tokens = new Map<number, string>();
  private readonly addedIds = new Map<string, number>();
  private readonly special = new Set<string>();
  private readonly words = new Map<string, WordTokens>();
  private readonly out = new TokenList();

  constructor(json: TokenizerJson) {
    try {
      // the steps before the model, which takes its time: what is not supported is known at once
      const normalize = toNormalizer(json.normalizer as Step | null);
      this.cut = toPreTokenizer(json.pre_tokenizer as Step | null);
      this.decoder = toDecoder(json.decoder as Step | null);
      this.added = new AddedTokens(json.added_tokens, normalize, json.split_special_tokens === true);
      this.model = toModel(json);
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      const problem = `tokenizer.json: ${error.message} is not supported by the TypeScript tokenizer; use the native backend`;
      throw new TokenError('E_TOKENIZER_UNSUPPORTED', problem);
    }
    this.trims = trimsOf(json.post_processor);
    for (const [token, id] of this.model.entries()) this.tokens.set(id, token);
    for (const token of json.added_tokens) {
      this.tokens.set(token.id, this.added.shown(token));
      this.addedIds.set(token.content, token.id);
      if (token.special) this.special.add(token.content);
    }
    this.vocabSize = this.tokens.size;
  }

  async tokenize(texts: string[]): Promise<TextTokens[]> {
    const tokenized: TextTokens[] = [];
    let began = performance.now();
    for (const text of texts) {
      tokenized.push(this.tokenizeText(text));
      if (performance.now() - began < TURN_MILLISECONDS) continue;
      await nextTurn();
      began = performance.now();
    }
    return tokenized;
  }

  async decode(ids: number[], skipSpecialTokens: boolean): Promise<string> {
    const tokens = ids.flatMap((id) => this.tokens.get(id) ?? []);
    return this.decoder(skipSpecialTokens ? tokens.filter((token) => !this.special.has(token)) : tokens).join('');
  }

  tokenToId(token: string): number | undefined {
    return this.addedIds.get(token) ?? this.model.tokenToId(token);
  }

  idToToken(id: number): string | undefined {
    return this.tokens.get(id);
  }

  private tokenizeText(text: string): TextTokens {
    const out = this.out.clear();
    const names: string[] = [];
    let length = 0;
    for (const { piece, id } of this.added.extract(text)) {
      checkGrowth((length += piece.text.length), text.length);
      if (id === undefined) this.addWords(this.cut(piece), names);
      else {
        out.add(id, ...originalRange(piece, 0, piece.text.length));
        names.push(piece.text);
        out.wordCount++;
      }
    }
    const tokens = out.toTextTokens();
    for (const addsSpace of this.trims)
      names.forEach((name, i) => trimOffsets(name, text, tokens.offsets, i, addsSpace));
    return tokens;
  }

  private addWords(words: Piece[], names: string[]): void {
    for (const word of words) {
      if (word.text === '') continue;
      const { ids, starts, ends } = this.tokensOf(word.text);
      for (let i = 0; i < ids.length; i++) {
        this.out.add(ids[i], ...originalRange(word, starts[i], ends[i]));
        if (this.trims.length > 0) names.push(word.text.slice(starts[i], ends[i]));
      }
      this.out.wordCount++;
    }
  }

  private tokensOf(word: string): WordTokens {
    if (word.length > REMEMBERED_LENGTH) return this.model.tokens(word);
    let found = this.words.get(word);
    if (!found) {
      if (this.words.size >= REMEMBERED_WORDS) this.words.clear();
      found = this.model.tokens(word);
      this.words.set(word, found);
    }
    return found;
  }
}

function toModel(json: TokenizerJson): WordModel {
  const { type = 'BPE', vocab } = json.model;
  if (type === 'BPE' && !Array.isArray(vocab)) return new BpeModel(json);
  if (type === 'WordPiece' && !Array.isArray(vocab)) return new WordPieceWords(json);
  if (type === 'Unigram' && Array.isArray(vocab)) return new UnigramModel(json);
  throw new Unsupported(`model ${type}`);
}
