// WordPiece in the pipeline: for vocabularies of BERT's kind with other rules around them than BERT's.
import type { TokenizerJson } from '../tokenizer-json';
import { WordPieceModel } from '../wordpiece/pieces';
import { wordPieceOptions } from '../wordpiece/settings';
import type { WordModel, WordTokens } from './word-model';

/** @throws TokenError `E_TOKENIZER_FILE` when the vocabulary lacks its unknown token */
export class WordPieceWords implements WordModel {
  private readonly vocab: Map<string, number>;
  private readonly model: WordPieceModel;

  constructor(json: TokenizerJson) {
    this.vocab = new Map(Object.entries(json.model.vocab));
    this.model = new WordPieceModel(wordPieceOptions(json, this.vocab));
  }

  tokens(word: string): WordTokens {
    const { ids, lengths } = this.model.pieces(word);
    const ends: number[] = [];
    const characters = Array.from(word);
    let [at, next] = [0, 0];
    for (const length of lengths) {
      for (let i = 0; i < length; i++) at += characters[next++].length;
      ends.push(at);
    }
    return { ids, starts: [0, ...ends.slice(0, -1)], ends };
  }

  tokenToId(token: string): number | undefined {
    return this.vocab.get(token);
  }

  entries(): Iterable<[string, number]> {
    return this.vocab;
  }
}
