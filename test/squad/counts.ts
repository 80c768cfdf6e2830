// What the importer counts, in the terms of test/reference/data.py.
import type { ImportedData } from '../../src/squad/import';

export interface Counts {
  questions: number;
  impossible: number;
  unlabelled: number;
  exact: number;
  moved: number;
  missing: number;
}

export function countsOf({ asWritten, problems }: Pick<ImportedData, 'asWritten' | 'problems'>): Counts {
  const answers = asWritten.reduce((sum, record) => sum + record.answers.length, 0);
  const count = (kinds: RegExp, ...left: string[]) => problems.filter(({ kind, remedy }) => kinds.test(kind) || (left.includes(kind) && remedy === 'left out')).length; // prettier-ignore
  const [moved, missing] = [
    count(/^(?:shifted answer|answer elsewhere|differs)/),
    count(/^(?:answer not found|ambiguous)/, 'inside a word'),
  ];
  return {
    questions: asWritten.length,
    impossible: asWritten.filter(({ isImpossible }) => isImpossible).length,
    unlabelled: asWritten.filter(({ isUnlabelled }) => isUnlabelled).length,
    exact: answers - moved - missing,
    moved,
    missing,
  };
}
