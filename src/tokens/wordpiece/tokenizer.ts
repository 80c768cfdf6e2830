// BERT's tokenizer in plain TypeScript: the same tokens and offsets as the native package, where that has no build.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TextTokenizer, TextTokens } from '../text-tokens';
import type { TokenizerJson } from '../tokenizer-json';
import { decodePieces } from './decode';
import { BertNormalizer } from './normalize';
import { WordPieceModel } from './pieces';
import { checkSupported, normalizerOptions, toAddedTokens, wordPieceOptions } from './settings';
import { TokenList } from './token-list';
import { WordSplitter } from './words';

/** How long texts are tokenized before the event loop gets a turn. The first ones take far longer than the later ones. */
const TURN_MILLISECONDS = 4;
const REMEMBERED_RUNS = 1 << 15;
/** Strings up to this length are copies in V8; longer ones would keep the whole text that they were cut from. */
const REMEMBERED_LENGTH = 12;

/**
 * @throws {TokenError} `E_TOKENIZER_UNSUPPORTED` when the tokenizer is not BERT's WordPiece
 * @example await new WordPieceTokenizer(json).tokenize(['Where?'])
 */
export class WordPieceTokenizer implements TextTokenizer {
  readonly name = 'typescript';
  readonly concurrency = 0;
  readonly vocabSize: number;
  private readonly vocab: Map<string, number>;
  private readonly tokens: string[] = [];
  private readonly specials: Set<string>;
  private readonly added: RegExp | undefined;
  private readonly splitter: WordSplitter;
  /** Tokens of runs met so far: natural text repeats itself. */
  private readonly runs = new Map<string, number[]>();
  private readonly out = new TokenList();
  private readonly ofRun = new TokenList();

  constructor(private readonly json: TokenizerJson) {
    checkSupported(json);
    const { model, added_tokens: added } = json;
    this.vocab = new Map(Object.entries(model.vocab));
    const pieces = new WordPieceModel(wordPieceOptions(json, new Map(this.vocab)));
    this.splitter = new WordSplitter(new BertNormalizer(normalizerOptions(json)), pieces);
    for (const token of added) this.vocab.set(token.content, token.id);
    for (const [token, id] of this.vocab) this.tokens[id] = token;
    this.vocabSize = this.vocab.size;
    this.specials = new Set(added.filter((token) => token.special).map((token) => token.content));
    const looked = json.split_special_tokens ? added.filter((token) => !token.special) : added;
    this.added = toAddedTokens(looked.map((token) => token.content));
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
    const tokens = ids.flatMap((id) => this.tokens[id] ?? []);
    const kept = skipSpecialTokens ? tokens.filter((token) => !this.specials.has(token)) : tokens;
    const { prefix = '##', cleanup = true } = this.json.decoder ?? {};
    return decodePieces(kept, prefix, cleanup);
  }

  tokenToId(token: string): number | undefined {
    return this.vocab.get(token);
  }

  idToToken(id: number): string | undefined {
    return this.tokens[id];
  }

  private tokenizeText(text: string): TextTokens {
    const out = this.out.clear();
    let at = 0;
    for (const { 0: token, index = 0 } of this.added ? text.matchAll(this.added) : []) {
      this.addSegment(text, at, index);
      out.add(this.vocab.get(token)!, index, index + token.length);
      out.wordCount++;
      at = index + token.length;
    }
    this.addSegment(text, at, text.length);
    return out.toTextTokens();
  }

  /** Runs between spaces, one by one: nothing that BERT's rules do reaches over a space. */
  private addSegment(text: string, from: number, to: number): void {
    for (let start = from; start < to;) {
      const space = text.indexOf(' ', start);
      const end = space < 0 || space > to ? to : space;
      if (end > start) this.addRun(text, start, end);
      start = end + 1;
    }
  }

  private addRun(text: string, start: number, end: number): void {
    if (end - start > REMEMBERED_LENGTH) return this.splitter.split(text, start, end, this.out);
    const run = text.slice(start, end);
    let tokens = this.runs.get(run);
    if (!tokens) {
      if (this.runs.size >= REMEMBERED_RUNS) this.runs.clear();
      this.splitter.split(run, 0, run.length, this.ofRun.clear());
      tokens = this.ofRun.toKept();
      this.runs.set(run, tokens);
    }
    this.out.addKept(tokens, start);
  }
}
