// What was executed, for front ends that offer it again.
import type { Content } from './wire/message';

/** The number of this session: earlier ones are not kept. */
const SESSION = 1;

interface Entry {
  line: number;
  input: string;
  output: string | null;
}

export class History {
  private readonly entries: Entry[] = [];

  add(line: number, input: string, output: string | null): void {
    this.entries.push({ line, input, output });
  }

  /** The content of `history_reply`. */
  answer(request: Content): Content {
    const history = this.select(request).map(({ line, input, output }) => [
      SESSION,
      line,
      request.output ? [input, output] : input,
    ]);
    return { status: 'ok', history };
  }

  private select({ hist_access_type: type, n, pattern, unique, session, start, stop }: Content): Entry[] {
    if (type === 'range') {
      if (![0, SESSION, undefined].includes(session as number)) return [];
      const [from, to] = [Number(start ?? 0), Number(stop ?? Infinity)];
      return this.entries.filter(({ line }) => line >= from && line < to);
    }
    const found = type === 'search' ? this.search(String(pattern ?? '*'), unique === true) : this.entries;
    return n === undefined || n === null ? found : found.slice(-Number(n) || found.length);
  }

  /** Entries that match a pattern with `*` and `?`; `unique` keeps the last of equal ones. */
  private search(pattern: string, unique: boolean): Entry[] {
    const escaped = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '[^]*')
      .replaceAll('?', '[^]');
    const found = this.entries.filter(({ input }) => new RegExp(`^${escaped}$`).test(input));
    return unique ? found.filter((entry, i) => !found.slice(i + 1).some(({ input }) => input === entry.input)) : found;
  }
}
