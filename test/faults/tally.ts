// What a fault harness counts: how often something was tried, how often it went as promised, and what did not.

/** How much is tried, from which seed. */
export interface Form {
  seed: number;
  /** The short form is for the default tests and takes seconds; the long one is for a command. */
  isLong: boolean;
  /** Only the lines whose name it finds, where a part can be divided. */
  only?: RegExp;
  /** The part of so many that is tried of what takes longest. */
  share?: [part: number, parts: number];
  /** Told of each line when it is done. */
  onRow?: (row: Row) => void;
}

/** One line of a table. */
export interface Row {
  what: string;
  tried: number;
  /** Went as promised, by how it went. */
  outcomes: Record<string, number>;
  /** What did not go as promised: the first few, in words. */
  lost: string[];
  /** Figures beside them, such as a latency. */
  figures?: Record<string, number | string>;
}

const MOST_TOLD = 5;

/** Counts one line. */
export class Tally {
  readonly row: Row;

  constructor(what: string) {
    this.row = { what, tried: 0, outcomes: {}, lost: [] };
  }

  /** Went as promised. */
  good(outcome: string): void {
    this.row.tried++;
    this.row.outcomes[outcome] = (this.row.outcomes[outcome] ?? 0) + 1;
  }

  bad(problem: string): void {
    this.row.tried++;
    if (this.row.lost.length < MOST_TOLD) this.row.lost.push(problem);
    this.row.outcomes.LOST = (this.row.outcomes.LOST ?? 0) + 1;
  }

  /** Runs one trial, which says how it went or throws what was not promised. */
  async trial(name: string, work: () => Promise<string> | string): Promise<void> {
    try {
      this.good(await work());
    } catch (error) {
      this.bad(`${name}: ${(error as Error).message ?? String(error)}`);
    }
  }
}

/** @returns lines that a person reads */
export function tableText(title: string, rows: Row[]): string {
  const lines = rows.map(({ what, tried, outcomes, lost, figures }) => {
    const parts = Object.entries({ ...outcomes, ...figures }).map(([name, value]) => `${name} ${value}`);
    return [`  ${what.padEnd(44)} ${String(tried).padStart(6)}  ${parts.join(', ')}`, ...lost.map((text) => `      LOST ${text}`)].join('\n'); // prettier-ignore
  });
  return [`${title}`, ...lines, ''].join('\n');
}
