// One thing that is wrong with a file, and how many there are of each kind.
import { SquadError } from './errors';

export type ProblemKind =
  | 'byte-order mark'
  | 'encoding'
  | 'format'
  /** Somebody turned it down, skipped it, or has not approved it. */
  | 'rejected'
  /** Lists of records, forms, or files of an archive that are read as one file, or not read. */
  | 'several parts'
  | 'positions'
  /** The viewer of a data set cut a cell off. */
  | 'cut off'
  /** A surrogate without its other half. */
  | 'half a character'
  /** A column or a field that no question was made of. */
  | 'unused field'
  /** Marked parts that are labelled as something else than answers. */
  | 'other labels'
  /** A name that stands twice in one object of JSON. */
  | 'repeated field'
  | 'missing id'
  | 'repeated id'
  | 'repeated question'
  | 'empty context'
  | 'empty question'
  | 'no answer'
  | 'no label'
  | 'impossible with answer'
  | 'empty answer'
  | 'shifted answer'
  | 'answer elsewhere'
  | 'several places'
  | 'ambiguous answer'
  | 'answer not found'
  /** It is looked for, and its letters stand only in the middle of other words; or something hangs on it there. */
  | 'inside a word'
  /** The text has the answer in another spelling: `differs in spaces`, `differs in quotes and case`. */
  | `differs in ${string}`;

/** What was done: `mended`, the record is right now; `left out`, the answer or the question is not among the records; `kept` as it was, and worth a look. */
export type Remedy = 'mended' | 'left out' | 'kept';

/** One thing that is wrong. */
export interface Problem {
  kind: ProblemKind;
  /** The field, such as `data[3].paragraphs[0].qas[2].answers[0]`, or the row of a table. */
  path: string;
  what: string;
  remedy: Remedy;
  /** The question that it is about, such as `data[3].paragraphs[0].qas[2]`; absent where it is about the file or more than one question. */
  question?: string;
  /** How the answer reads and where it begins (in code points) now that it is mended. */
  answer?: { text: string; start?: number };
  /** The same as the file has it. */
  was?: { text: string; start?: number };
  /** Of a shifted answer: by how many characters it is to the left of where the file says. */
  shift?: number;
  /** The new id. */
  id?: string;
}

export interface KindCount {
  kind: ProblemKind;
  mended: number;
  leftOut: number;
  kept: number;
}

/** How many problems of each kind there are, and what was done about them. */
export function countProblems(problems: Problem[]): KindCount[] {
  const counts = new Map<ProblemKind, KindCount>();
  for (const { kind, remedy } of problems) {
    if (!counts.has(kind)) counts.set(kind, { kind, mended: 0, leftOut: 0, kept: 0 });
    counts.get(kind)![remedy === 'left out' ? 'leftOut' : remedy]++;
  }
  return [...counts.values()];
}

/** What a strict reading says. */
export function refusal(path: string, problems: Problem[]): SquadError {
  const [{ path: place, what }] = problems;
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems, the first`;
  const advice = '`spanlab data convert --mend` corrects what it can and leaves out the rest';
  return new SquadError('E_SQUAD_PROBLEM', `${path}: ${count}: ${place}: ${what}; ${advice}`);
}
