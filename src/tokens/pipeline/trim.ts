// Spaces that a token covers, left out of its offsets, as the post-processors of GPT-2's kin do it.
import type { PostProcessor } from '../layout';

/** How a post-processor trims: `true` keeps the space that was put before the text. */
type Trim = boolean;

/** What every post-processor of a tokenizer.json trims, in order. */
export function trimsOf(processor: PostProcessor | null): Trim[] {
  if (!processor) return [];
  if (processor.type === 'Sequence') return (processor.processors ?? []).flatMap(trimsOf);
  const trims = processor.type === 'ByteLevel' || processor.type === 'RobertaProcessing';
  return trims && processor.trim_offsets !== false ? [processor.add_prefix_space !== false] : [];
}

const SPACES = /^[Ġ\p{White_Space}]*/u;
const SPACES_AT_END = /[Ġ\p{White_Space}]*$/u;

/**
 * Trims the offsets of token `i` in place. Source: `process_offsets` of the Rust crate tokenizers, which counts code points.
 *
 * @param token Its text, in the signs of bytes.
 */
export function trimOffsets(token: string, text: string, offsets: Int32Array, i: number, addsSpace: Trim): void {
  let leading = SPACES.exec(token)![0].length;
  const trailing = SPACES_AT_END.exec(token)![0].length;
  const [start, end] = [2 * i, 2 * i + 1];
  if (leading > 0) {
    // one space was put before the text; more were there
    if (addsSpace && leading === 1 && (i === 0 || offsets[start] === 0)) leading = 0;
    for (; leading > 0 && offsets[start] < offsets[end]; leading--)
      offsets[start] += isPair(text, offsets[start]) ? 2 : 1;
  }
  for (let left = trailing; left > 0 && offsets[end] > offsets[start]; left--) {
    offsets[end] -= isPair(text, offsets[end] - 2) ? 2 : 1;
  }
}

function isPair(text: string, at: number): boolean {
  return at >= 0 && text.codePointAt(at)! > 0xffff;
}
