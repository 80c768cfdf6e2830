// What the playground's page and its worker say to each other.

export interface Settings {
  /** `workshop`, or a folder that the browser keeps. */
  start: string;
  steps: number;
  /** Whether the course's own questions are mixed in. */
  mix: boolean;
}

/** Exact match and F1, in percent. */
export interface Score {
  exact: number;
  f1: number;
}

export interface Found {
  answer: string;
  score: number;
  start: number;
  end: number;
}

export type ToWorker =
  | { kind: 'start'; site: string }
  | { kind: 'read'; name: string; bytes: Uint8Array }
  | { kind: 'example' }
  | { kind: 'train'; settings: Settings }
  | { kind: 'stop' }
  | { kind: 'ask'; question: string; text: string }
  | { kind: 'save' };

export type ToPage =
  | { kind: 'ready'; engine: string; models: string[] }
  | {
      kind: 'read';
      questions: number;
      heldOut: number;
      texts: number;
      problems: string[];
      text: string;
      question: string;
    }
  | { kind: 'step'; step: number; total: number; loss: number; secondsLeft: number }
  | { kind: 'trained'; before?: Score; after?: Score; stopped: boolean; seconds: number }
  | { kind: 'answers'; answers: Found[] }
  | { kind: 'zip'; name: string; zip: Blob }
  | { kind: 'status'; text: string }
  | { kind: 'failed'; text: string };
