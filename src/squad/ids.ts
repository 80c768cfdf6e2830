// Ids: every record has one of its own, and whoever asks the same twice is told.
import { fieldOf } from './loose';
import type { Problem } from './problem';
import type { SquadRecord } from './record';
import type { TypedQuestion } from './typed';
import { shown } from './shown';

/** Gives every record an id of its own. */
export class Ids {
  private readonly wanted: Set<string>;
  private readonly used = new Map<string, { path: string; signature: string }>();

  constructor(
    questions: TypedQuestion[],
    private readonly problems: Problem[],
    private readonly keeps: boolean,
  ) {
    this.wanted = new Set(questions.map(({ id }) => id));
  }

  asItIs(question: TypedQuestion): string {
    return question.id || this.made(question);
  }

  /** @returns whether the record is new: one that is there already, letter by letter, is left out. */
  give(record: SquadRecord, question: TypedQuestion): boolean {
    record.id = this.asItIs(question);
    const signature = JSON.stringify([record.context, record.question, record.answers.map(({ text, answerStart }) => [text, answerStart])]); // prettier-ignore
    const before = this.used.get(record.id);
    if (before === undefined) {
      this.used.set(record.id, { path: question.path, signature });
      return true;
    }
    const isSame = before.signature === signature;
    const free = this.free(record.id);
    const what = question.row === undefined ? `the id ${shown(record.id)} was there before` : `the id ${/^[\w.:/-]{1,80}$/.test(record.id) ? record.id : shown(record.id)} is that of ${before.path}`; // prettier-ignore
    const end = this.keeps ? '; of all with this id the last counts' : isSame ? ', of the same question' : `; it becomes ${shown(free)}`; // prettier-ignore
    const remedy = this.keeps ? 'kept' : isSame ? 'left out' : 'mended';
    this.problems.push({ kind: 'repeated id', path: fieldOf(question.path, 'id'), what: what + end, remedy, question: question.path, ...(remedy === 'mended' && { id: free }) }); // prettier-ignore
    if (remedy === 'mended') {
      record.id = free;
      this.used.set(free, { path: question.path, signature });
    }
    return remedy !== 'left out';
  }

  private free(id: string): string {
    let number = 2;
    while (this.used.has(`${id}-${number}`) || this.wanted.has(`${id}-${number}`)) number++;
    return `${id}-${number}`;
  }

  /** From its place: `row-7`, or article, paragraph and question, from 1. */
  private made({ path, row }: TypedQuestion): string {
    if (row !== undefined && !path.includes(', ')) return `row-${row}`;
    const numbers = [...path.matchAll(/\[(\d+)\]/g)].map(([, digits]) => Number(digits) + 1);
    // of a file with several lists, the name of the list
    const [, list = 'data'] = /^([\w.-]+)\[/.exec(path) ?? [];
    const part = row === undefined && list !== 'data' ? [list] : [];
    return ['question', ...part, ...(row === undefined ? [] : [row]), ...numbers].join('-');
  }
}

/** Says where a table asks the same twice. */
export class Repeats {
  private readonly first = new Map<string, { path: string; answers: string }>();

  constructor(private readonly problems: Problem[]) {}

  look({ context, question, answers }: SquadRecord, { path, row }: TypedQuestion): void {
    if (row === undefined) return;
    const key = JSON.stringify([context.trim(), question.trim()]);
    const texts = JSON.stringify(answers.map(({ text }) => text));
    const before = this.first.get(key);
    if (before === undefined) {
      this.first.set(key, { path, answers: texts });
      return;
    }
    const same = before.answers === texts ? 'the same' : 'another';
    const what = `asks what ${before.path} asks, with ${same} answer`;
    this.problems.push({ kind: 'repeated question', path, what, remedy: 'kept', question: path });
  }
}
