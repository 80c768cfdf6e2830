// The vocabulary of the data: an answer, a question with its context, and the lesson's three lists.

/** A span of a context. Positions are JavaScript string (UTF-16) positions, `answerEnd` exclusive. */
export interface Answer {
  text: string;
  answerStart: number;
  /** Set by `addEndIdx`. */
  answerEnd?: number;
}

/** One question about one context, with everything the file says of it. */
export interface SquadRecord {
  id: string;
  title: string;
  context: string;
  question: string;
  /** True answers; empty when the question is impossible. */
  answers: Answer[];
  /** What a careless reader would answer to an impossible question (SQuAD v2). */
  plausibleAnswers: Answer[];
  isImpossible: boolean;
  /** Nobody has said whether it has an answer: it can be predicted, and no metric counts it. */
  isUnlabelled?: boolean;
}

/** The lesson's three flat lists: row `i` of each belongs together. */
export interface SquadLists {
  contexts: string[];
  questions: string[];
  answers: Answer[];
}
