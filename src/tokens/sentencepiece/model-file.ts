// A SentencePiece model file, as far as a tokenizer needs it: pieces with their scores, and the map of characters.
import { readLimited } from '../../limited-file';
import { quoted } from '../../printable';
import { TokenError } from '../errors';
import protobuf from 'protobufjs/light';

/** Bytes: the largest in use, of 256,000 pieces, has 5 MB. */
const LARGEST_FILE = 64 << 20;
const LARGEST_VOCABULARY = 1 << 21;

/** Source: sentencepiece_model.proto of google/sentencepiece. */
const messages = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        pieces: { id: 1, rule: 'repeated', type: 'Piece' },
        trainerSpec: { id: 2, type: 'TrainerSpec' },
        normalizerSpec: { id: 3, type: 'NormalizerSpec' },
      },
    },
    Piece: {
      fields: {
        piece: { id: 1, type: 'string' },
        score: { id: 2, type: 'float' },
        type: { id: 3, type: 'int32', options: { default: 1 } },
      },
    },
    TrainerSpec: {
      fields: {
        modelType: { id: 3, type: 'int32', options: { default: 1 } },
        byteFallback: { id: 35, type: 'bool' },
        unkId: { id: 40, type: 'int32' },
      },
    },
    NormalizerSpec: { fields: { precompiledCharsmap: { id: 2, type: 'bytes' } } },
  },
});

interface Message {
  pieces: { piece: string; score: number; type: number }[];
  trainerSpec?: { modelType: number; byteFallback: boolean; unkId: number };
  normalizerSpec?: { precompiledCharsmap: Uint8Array };
}

/** What a tokenizer needs of a model file. */
export interface SentencePieceModel {
  pieces: [piece: string, score: number][];
  /** Pieces that are taken whole wherever a text has them: control tokens, which are special, and the user's own. */
  whole: { piece: string; isControl: boolean }[];
  unkId: number;
  /** In base 64; absent where the model changes no characters. */
  charsMap?: string;
}

/**
 * @throws FileError; TokenError `E_TOKENIZER_FILE` for a file that is none, `E_TOKENIZER_UNSUPPORTED` for one that is not Unigram
 * @example readSentencePiece('models/mine/spm.model').pieces.length // 128000
 */
export function readSentencePiece(file: string): SentencePieceModel {
  const { pieces, trainerSpec, normalizerSpec } = decode(readLimited(file, LARGEST_FILE), file);
  if (pieces.length === 0 || pieces.length > LARGEST_VOCABULARY) {
    throw new TokenError(
      'E_TOKENIZER_FILE',
      `${file}: ${pieces.length} pieces; it is no SentencePiece model, fetch it again`,
    );
  }
  const wrong = pieces.findIndex(({ score }) => !Number.isFinite(score));
  if (wrong >= 0)
    throw new TokenError('E_TOKENIZER_FILE', `${file}: piece ${quoted(pieces[wrong].piece)} has no finite score`);
  if ((trainerSpec?.modelType ?? 1) !== 1) {
    throw new TokenError(
      'E_TOKENIZER_UNSUPPORTED',
      `${file}: only SentencePiece's Unigram models are supported; save the tokenizer in Python (tokenizer.json)`,
    );
  }
  const charsMap = normalizerSpec?.precompiledCharsmap;
  return {
    pieces: pieces.map(({ piece, score }) => [piece, score]),
    whole: pieces
      .filter(({ type }) => type === 3 || type === 4)
      .map(({ piece, type }) => ({ piece, isControl: type === 3 })),
    unkId: trainerSpec?.unkId ?? 0,
    charsMap: charsMap && charsMap.length > 0 ? Buffer.from(charsMap).toString('base64') : undefined,
  };
}

function decode(bytes: Buffer, file: string): Message {
  try {
    return messages.lookupType('ModelProto').decode(bytes) as unknown as Message;
  } catch (error) {
    throw new TokenError('E_TOKENIZER_FILE', `${file}: it is no SentencePiece model, or damaged; fetch it again`, {
      cause: error,
    });
  }
}
