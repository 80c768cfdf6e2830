// Tokens back to text, by the names of tokenizer.json.
import { decodePieces } from '../wordpiece/decode';
import { fromSigns } from './bytes';
import { type Step, finderOf } from './normalizers';
import { prependScheme } from './pre-tokenizers';
import { Unsupported } from './unsupported';

/** Tokens into parts of the text, which are put one after another. */
export type Decoder = (tokens: string[]) => string[];

const MAKERS: Record<string, (step: Step) => Decoder> = {
  Sequence: ({ decoders }) => inTurn((decoders as Step[]).map(toDecoder)),
  ByteLevel: () => (tokens) => [fromSigns(tokens.join(''))],
  Metaspace: metaspace,
  WordPiece:
    ({ prefix = '##', cleanup = true }) =>
    (tokens) => [decodePieces(tokens, prefix as string, cleanup as boolean)],
  Replace: ({ pattern, content }) => {
    const find = finderOf(pattern);
    const replace = (token: string) => find(token).map(([start, end, isMatch]) => (isMatch ? (content as string) : token.slice(start, end))).join(''); // prettier-ignore
    return (tokens) => tokens.map(replace);
  },
  ByteFallback: () => fromBytes,
  Fuse: () => (tokens) => [tokens.join('')],
  Strip: ({ content, start, stop }) => (tokens) => tokens.map((token) => strip(token, content as string, start as number, stop as number)), // prettier-ignore
};

/** @throws Unsupported */
export function toDecoder(step: Step | null): Decoder {
  if (!step) return (tokens) => [tokens.join(' ')];
  if (!Object.hasOwn(MAKERS, step.type)) throw new Unsupported(`decoder ${step.type}`);
  return MAKERS[step.type](step);
}

function inTurn(steps: Decoder[]): Decoder {
  return (tokens) => steps.reduce((current, step) => step(current), tokens);
}

function metaspace(step: Step): Decoder {
  const mark = (step.replacement as string | undefined) ?? '▁';
  const hasPrefix = prependScheme(step) !== 'never';
  return (tokens) => tokens.map((token, i) => token.replaceAll(mark, i === 0 && hasPrefix ? '' : ' '));
}

/** Tokens such as `<0xC3>`, one after another, are the bytes of characters. */
function fromBytes(tokens: string[]): string[] {
  const out: string[] = [];
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length === 0) return;
    try {
      out.push(new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes)));
    } catch {
      out.push(...bytes.map(() => '\ufffd'));
    }
    bytes = [];
  };
  for (const token of tokens) {
    const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1];
    if (byte) bytes.push(parseInt(byte, 16));
    else {
      flush();
      out.push(token);
    }
  }
  flush();
  return out;
}

function strip(token: string, content: string, first: number, last: number): string {
  let [start, end] = [0, token.length];
  while (start < Math.min(first, token.length) && token[start] === content) start++;
  while (end > start && token.length - end < last && token[end - 1] === content) end--;
  return token.slice(start, end);
}
