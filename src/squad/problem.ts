// One thing that is wrong with a file, and how many there are of each kind.

export type ProblemKind =
  | 'byte-order mark'
  | 'format'
  | 'repeated id'
  | 'empty context'
  | 'empty question'
  | 'no answer'
  | 'impossible with answer'
  | 'empty answer'
  | 'shifted answer'
  | 'answer elsewhere'
  | 'ambiguous answer'
  | 'answer not found';

/** One thing that is wrong. */
export interface Problem {
  kind: ProblemKind;
  /** The field, such as `data[3].paragraphs[0].qas[2].answers[0]`. */
  path: string;
  what: string;
  /** Mended: the record is right now. Left out: the answer, or the question, is not among the records. */
  remedy: 'mended' | 'left out';
}

/** How many problems of each kind there are, and what was done about them. */
export function countProblems(problems: Problem[]): { kind: ProblemKind; mended: number; leftOut: number }[] {
  const kinds = [...new Set(problems.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const mended = problems.filter((problem) => problem.kind === kind && problem.remedy === 'mended').length;
    return { kind, mended, leftOut: problems.filter((problem) => problem.kind === kind).length - mended };
  });
}
