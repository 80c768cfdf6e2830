// Where special tokens go around one text or a pair, read from the post-processor of a `tokenizer.json`.
import { quoted } from '../printable';
import { TokenError } from './errors';
import { isId } from './json-checks';

/** The place of the tokens of text 0 or 1 in a row. */
export interface TextPiece {
  sequence: 0 | 1;
  typeId: number;
}

/** One special token in a row. */
export interface SpecialPiece {
  sequence: -1;
  typeId: number;
  id: number;
}

export type LayoutPiece = TextPiece | SpecialPiece;

/** The rows of a tokenizer: `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]` for BERT. */
export interface Layout {
  single: LayoutPiece[];
  pair: LayoutPiece[];
}

type TemplatePiece = Record<'SpecialToken' | 'Sequence', { id: string; type_id: number } | undefined>;

/** The part of a `tokenizer.json` that places special tokens. */
export interface PostProcessor {
  type: string;
  single?: TemplatePiece[];
  pair?: TemplatePiece[];
  special_tokens?: Record<string, { ids: number[] }>;
  cls?: [token: string, id: number];
  sep?: [token: string, id: number];
  processors?: PostProcessor[];
  /** Whether spaces that a token covers are left out of its offsets. */
  trim_offsets?: boolean;
  add_prefix_space?: boolean;
}

/**
 * @throws {TokenError} `E_TOKENIZER_UNSUPPORTED` for a post-processor that spanlab does not know
 * @example toLayout(tokenizerJson.post_processor).pair.length // 5
 */
export function toLayout(processor: PostProcessor | null): Layout {
  switch (processor?.type) {
    case undefined:
    case 'ByteLevel':
      return { single: [text(0)], pair: [text(0), text(1)] };
    case 'TemplateProcessing':
      return templateLayout(processor);
    case 'BertProcessing':
      return clsSepLayout(processor, 1);
    case 'RobertaProcessing':
      return clsSepLayout(processor, 2);
    case 'Sequence':
      return sequenceLayout(processor.processors ?? []);
    default:
      throw new TokenError(
        'E_TOKENIZER_UNSUPPORTED',
        `tokenizer.json: post_processor of type ${quoted(processor?.type)} is not supported; use a BERT or RoBERTa style tokenizer`,
      );
  }
}

/** The same texts with nothing around them. */
export function withoutSpecials({ single, pair }: Layout): Layout {
  return { single: single.filter((piece) => piece.sequence >= 0), pair: pair.filter((piece) => piece.sequence >= 0) };
}

/** How many special tokens a row has. */
export function specialCount(pieces: LayoutPiece[]): number {
  return pieces.filter((piece) => piece.sequence < 0).length;
}

function templateLayout({ single = [], pair = [], special_tokens: specials = {} }: PostProcessor): Layout {
  const expand = (piece: TemplatePiece): LayoutPiece[] => {
    const { Sequence: sequence, SpecialToken: token } = (piece ?? {}) as Partial<TemplatePiece>;
    if (sequence) return [text(sequence.id === 'A' ? 0 : 1, typeOf(sequence.type_id))];
    const ids = token && Object.hasOwn(specials, token.id) ? specials[token.id].ids : undefined;
    if (!Array.isArray(ids)) throw malformed('a special token of its template is not described');
    return ids.map((id) => special(idOf(id), typeOf(token!.type_id)));
  };
  if (!Array.isArray(single) || !Array.isArray(pair)) throw malformed('its template is no list');
  return { single: single.flatMap(expand), pair: pair.flatMap(expand) };
}

/** `separators` between the texts: BERT has one and a second type id, RoBERTa two and no second type. */
function clsSepLayout({ cls, sep }: PostProcessor, separators: 1 | 2): Layout {
  if (!Array.isArray(cls) || !Array.isArray(sep)) throw malformed('it does not name the tokens at the ends');
  const [first, last] = [idOf(cls[1]), idOf(sep[1])];
  const secondType = separators === 1 ? 1 : 0;
  const single = [special(first, 0), text(0), special(last, 0)];
  const extra = separators === 2 ? [special(last, 0)] : [];
  return { single, pair: [...single, ...extra, text(1, secondType), special(last, secondType)] };
}

function idOf(id: unknown): number {
  if (isId(id)) return id;
  throw malformed(`${quoted(id)} is no id`);
}

function typeOf(type: unknown): number {
  if (Number.isInteger(type) && (type as number) >= 0 && (type as number) < 256) return type as number;
  throw malformed(`${quoted(type)} is no type of tokens`);
}

function malformed(problem: string): TokenError {
  return new TokenError('E_TOKENIZER_FILE', `tokenizer.json: post_processor: ${problem}`);
}

function sequenceLayout(processors: PostProcessor[]): Layout {
  const placing = processors.filter((processor) => processor.type !== 'ByteLevel');
  if (placing.length > 1)
    throw new TokenError(
      'E_TOKENIZER_UNSUPPORTED',
      'tokenizer.json: two post_processors add special tokens; one was expected',
    );
  return toLayout(placing[0] ?? null);
}

function text(sequence: 0 | 1, typeId = 0): TextPiece {
  return { sequence, typeId };
}

function special(id: number, typeId: number): SpecialPiece {
  return { sequence: -1, id, typeId };
}
