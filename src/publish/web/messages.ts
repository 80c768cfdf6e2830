// What the page and its worker say to each other.
import type { AskedAnswer } from '../../evaluation/pipeline';

/** From the page. */
export interface Question {
  id: number;
  question: string;
  context: string;
  /** Whether "no answer" may be an answer. */
  mayBeNone: boolean;
}

/** From the worker. */
export type Report =
  | { kind: 'loading'; bytes: number; total: number }
  | { kind: 'ready'; knowsNone: boolean }
  | { kind: 'reading'; id: number; windows: number; total: number }
  | { kind: 'answers'; id: number; answers: AskedAnswer[] }
  | { kind: 'error'; id?: number; message: string };

/** The numbers of a model that asking needs. */
export interface PageSizes {
  maxPositions: number;
  vocabularySize: number;
  typeVocabularySize: number;
  nullThreshold?: number;
  temperature?: number;
}

/** `page.json`: what the worker must know of the model. */
export interface PageSettings extends PageSizes {
  name: string;
  dtype: string;
  /** Size of `model.onnx`. */
  bytes: number;
  /** Whether the page begins with "no answer" allowed. */
  knowsNone: boolean;
}
