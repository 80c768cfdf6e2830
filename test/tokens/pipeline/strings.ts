// Strings that tokenizers disagree about: real sentences of many languages, cut and mixed, and characters of every kind.
import { Random } from '../../../src/engine/random';
import { multilingual } from './multilingual';

const HARD = [...'aé\u0301\u0316\u0345\u0334\u302e\u1dfb\u1b44\u{1d165}\u{1d16d}\u0897\u{16ff0}ßİΣﬁ각中\uf900𠀀 \t\u00a0\u200d\u0000.-!😀\ufffd\u0085\u2028\u3000▁Ġ`\'"«\ufeff\u0f77\u0958\u09cb\u0b4c\u1100\u1161\u11a8ᄀ힣𞤀\u{1f1e9}\u{1f1ea}👩🏽‍🚀㋿']; // prettier-ignore
const WORDS = ["don't", "I'LL", "it's ", '<mask>', ' <mask>', '</s>', '<s>', '[PAR]', '[MASK]', '  [MASK]', '<unk>', '[UNK]', 'Été', 'été', 'ﬁn  ', '|||EMAIL|||', 'x|||EMAIL|||', '<0xC3>', '``', "''", '\r\n', '\n\n', '    ', '  ', '0042', '3.14', 'HTTP://', '▁▁', '\ud83d', '\udc00']; // prettier-ignore

/** A seeded source of strings. @example new Strings(1).next() */
export class Strings {
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  next(): string {
    const parts = 1 + this.below(6);
    return Array.from({ length: parts }, () => this.part()).join(this.below(3) === 0 ? ' ' : '');
  }

  private part(): string {
    switch (this.below(6)) {
      case 0:
        return WORDS[this.below(WORDS.length)];
      case 1:
        return this.repeat(() => HARD[this.below(HARD.length)], 8);
      case 2:
        return this.repeat(() => this.codePoint(), 6);
      case 3: // a mark or two on letters, in any order
        return this.repeat(() => 'aeo한क'[this.below(5)] + this.mark() + (this.below(2) ? this.mark() : ''), 4);
      default: {
        const sentence = multilingual[this.below(multilingual.length)];
        const start = this.below(sentence.length);
        return sentence.slice(start, start + this.below(40));
      }
    }
  }

  private mark(): string {
    const [first, count] = [[0x300, 0x70], [0x591, 0x2d], [0x64b, 0x15], [0x1ab0, 0x1f], [0x20d0, 0x21], [0x93c, 0x12]][this.below(6)]; // prettier-ignore
    return String.fromCodePoint(first + this.below(count));
  }

  /** Of the first plane four times as often; halves of pairs among them. */
  private codePoint(): string {
    return String.fromCodePoint(this.below(5) < 4 ? this.below(0x10000) : this.below(0x110000));
  }

  private repeat(make: () => string, most: number): string {
    return Array.from({ length: 1 + this.below(most) }, make).join('');
  }

  private below(limit: number): number {
    return Math.min(limit - 1, Math.floor(this.random.uniform() * limit));
  }
}
