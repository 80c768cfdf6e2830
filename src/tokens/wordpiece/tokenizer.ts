// BERT's tokenizer in plain TypeScript: the same tokens and offsets as the native package, where that has no build.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TextTokenizer, TextTokens } from '../text-tokens';
import type { TokenizerJson } from '../tokenizer-files';
import { decodePieces } from './decode';
import type { NormalizedText } from './normalize';
import { BertNormalizer } from './normalize';
import { WordPieceModel } from './pieces';
import { checkSupported, normalizerOptions, toAddedTokens, wordPieceOptions } from './settings';
import { isPunctuation, isWhiteSpace } from './unicode';

/** Characters tokenized before the event loop gets a turn: a few milliseconds. */
const TURN_CHARACTERS = 20_000;

/** Tokens under construction. */
interface TokenLists {
  ids: number[];
  offsets: number[];
  words: number[];
  wordCount: number;
}

/**
 * @throws {TokenError} `E_TOKENIZER_UNSUPPORTED` when the tokenizer is not BERT's WordPiece
 * @example await new WordPieceTokenizer(json).tokenize(['Where?'])
 */
export class WordPieceTokenizer implements TextTokenizer {
  readonly name = 'typescript';
  readonly vocabSize: number;
  private readonly vocab: Map<string, number>;
  private readonly tokens: string[] = [];
  private readonly specials: Set<string>;
  private readonly added: RegExp | undefined;
  private readonly normalizer: BertNormalizer;
  private readonly model: WordPieceModel;

  constructor(private readonly json: TokenizerJson) {
    checkSupported(json);
    const { model, added_tokens: added } = json;
    this.vocab = new Map(Object.entries(model.vocab));
    this.model = new WordPieceModel(wordPieceOptions(json, new Map(this.vocab)));
    for (const token of added) this.vocab.set(token.content, token.id);
    for (const [token, id] of this.vocab) this.tokens[id] = token;
    this.vocabSize = this.vocab.size;
    this.specials = new Set(added.filter((token) => token.special).map((token) => token.content));
    this.added = toAddedTokens(added.map((token) => token.content));
    this.normalizer = new BertNormalizer(normalizerOptions(json));
  }

  async tokenize(texts: string[]): Promise<TextTokens[]> {
    const tokenized: TextTokens[] = [];
    let characters = 0;
    for (const text of texts) {
      tokenized.push(this.tokenizeText(text));
      characters += text.length;
      if (characters < TURN_CHARACTERS) continue;
      characters = 0;
      await nextTurn();
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
    const out: TokenLists = { ids: [], offsets: [], words: [], wordCount: 0 };
    let at = 0;
    for (const { 0: token, index } of this.added ? text.matchAll(this.added) : []) {
      this.addWords(out, this.normalizer.normalize(text, at, index));
      addToken(out, this.vocab.get(token)!, index!, index! + token.length);
      out.wordCount++;
      at = index! + token.length;
    }
    this.addWords(out, this.normalizer.normalize(text, at));
    const words = Int32Array.from(out.words);
    return { ids: Int32Array.from(out.ids), offsets: Int32Array.from(out.offsets), words: () => words };
  }

  /** Words end at white space; each punctuation mark is a word. */
  private addWords(out: TokenLists, text: NormalizedText): void {
    const { codePoints } = text;
    let start = 0;
    for (let i = 0; i <= codePoints.length; i++) {
      const kind = i < codePoints.length ? kindOf(codePoints[i]) : SPACE;
      if (kind === LETTER) continue;
      if (i > start) this.addWord(out, text, start, i);
      if (kind === PUNCTUATION) this.addWord(out, text, i, i + 1);
      start = i + 1;
    }
  }

  private addWord(out: TokenLists, { codePoints, starts, ends }: NormalizedText, start: number, end: number): void {
    const { ids, lengths } = this.model.pieces(toText(codePoints, start, end));
    let at = start;
    for (let i = 0; i < ids.length; i++) {
      addToken(out, ids[i], starts[at], ends[at + lengths[i] - 1]);
      at += lengths[i];
    }
    out.wordCount++;
  }
}

const [LETTER, SPACE, PUNCTUATION] = [1, 2, 3];
/** The kind of each character met so far, 0 for not met. */
const kinds = new Uint8Array(0x110000);

function kindOf(codePoint: number): number {
  if (kinds[codePoint] === 0) {
    kinds[codePoint] = isWhiteSpace(codePoint) ? SPACE : isPunctuation(codePoint) ? PUNCTUATION : LETTER;
  }
  return kinds[codePoint];
}

function toText(codePoints: number[], start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i++) text += String.fromCodePoint(codePoints[i]);
  return text;
}

function addToken(out: TokenLists, id: number, start: number, end: number): void {
  out.ids.push(id);
  out.offsets.push(start, end);
  out.words.push(out.wordCount);
}
