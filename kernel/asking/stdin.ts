// `process.stdin` of cells: lines that the person is asked for, when something reads it.
import readline from 'node:readline/promises';
import { Readable } from 'node:stream';
import type { Person } from './person';

/** How long a stream that is read waits for a question that goes with it, before it asks without one. */
const QUESTION_MS = 20;

/** What the two kinds of readline's interfaces have in common, and inherit. */
interface LineReader {
  input?: unknown;
  paused?: boolean;
  closed?: boolean;
  resume(): void;
  getPrompt(): string;
  prompt(preserveCursor?: boolean): void;
  [Symbol.asyncIterator](): AsyncIterableIterator<string>;
}

export class PersonStream extends Readable {
  readonly fd = 0;
  readonly isTTY = false;
  /** Whether its reader says when it wants a line, as `rl.question()` does: then nobody is asked in between. */
  private isPrompted = false;
  private isOpen = false;

  constructor(private readonly person: Person) {
    super();
    this.on('resume', () => this.askSoon());
    this.on('pause', () => (this.isPrompted = false));
  }

  override _read(): void {
    this.askSoon();
  }

  /** Asks for a line with the text of a question. */
  askLine(prompt: string): void {
    this.isPrompted = true;
    this.send(prompt);
  }

  /** What was asked in a cell that has ended gets no answer, and is not asked again in the next. */
  forget(): void {
    this.isOpen = false;
    this.isPrompted = true;
  }

  /** Asks for a line when no question comes first and somebody still reads. */
  private askSoon(): void {
    setTimeout(() => {
      if (this.isPrompted || this.isOpen || this.readableFlowing !== true || !this.person.isThere) return;
      try {
        this.send('');
      } catch (error) {
        // who reads comes to an end, and the cell fails
        this.push(null);
        this.emit('error', error);
      }
    }, QUESTION_MS).unref();
  }

  private send(prompt: string): void {
    this.person.ask(prompt, (answer) => {
      this.isOpen = false;
      this.push(`${answer}\n`);
    });
    this.isOpen = true;
  }
}

/** Puts the stream in the place of `process.stdin`, a new one when the old one has ended, and lets readline ask through it. */
export function installStdin(person: Person): { forget(): void } {
  let stream: PersonStream | undefined;
  const current = () => {
    if (!stream || stream.destroyed || stream.readableEnded) stream = new PersonStream(person);
    return stream;
  };
  Object.defineProperty(process, 'stdin', { get: current, configurable: true, enumerable: true });
  const reader = Object.getPrototypeOf(readline.Interface.prototype) as LineReader;
  const { prompt, [Symbol.asyncIterator]: iterate } = reader;
  reader.prompt = function (this: LineReader, preserveCursor) {
    if (!(this.input instanceof PersonStream)) return prompt.call(this, preserveCursor);
    askFor(this, this.input, this.getPrompt());
  };
  reader[Symbol.asyncIterator] = function (this: LineReader) {
    const lines = iterate.call(this);
    return this.input instanceof PersonStream ? linesOnDemand(this, this.input, lines) : lines;
  };
  return { forget: () => stream?.forget() };
}

/** Asks for the line that a reader wants now. */
function askFor(reader: LineReader, stream: PersonStream, question: string): void {
  if (reader.paused) reader.resume();
  stream.askLine(question);
}

/** Asks for a line when the loop wants the next one, and for none after its end, however long the cell goes on. */
function linesOnDemand(
  reader: LineReader,
  stream: PersonStream,
  lines: AsyncIterableIterator<string>,
): AsyncIterableIterator<string> {
  return {
    next() {
      if (!reader.closed) askFor(reader, stream, '');
      return lines.next();
    },
    return: () => lines.return!(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
