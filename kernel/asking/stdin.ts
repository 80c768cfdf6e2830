// `process.stdin` of cells: lines that the person is asked for, when something reads it. Each cell has a stream of its own, so that
// what an earlier cell left reading takes no answer that is not its own.
import { syncBuiltinESMExports } from 'node:module';
import callbacks from 'node:readline';
import readline from 'node:readline/promises';
import { Readable } from 'node:stream';
import type { Person } from './person';

/** How long a stream that is read waits for a question that goes with it, before it asks without one. */
const QUESTION_MS = 20;

/** What the two kinds of readline's interfaces have in common, and inherit. */
interface LineReader extends NodeJS.EventEmitter {
  input?: unknown;
  paused?: boolean;
  closed?: boolean;
  resume(): void;
  getPrompt(): string;
  prompt(preserveCursor?: boolean): void;
  [Symbol.asyncIterator](): AsyncIterableIterator<string>;
}

type Listener = (...values: unknown[]) => void;

export class PersonStream extends Readable {
  readonly fd = 0;
  readonly isTTY = false;
  private timer?: NodeJS.Timeout;
  /** Whether a question waits for its answer, and whether it was one with a text of its own. */
  private open?: 'read' | 'question';
  /** Whether the cell that runs has read something. */
  private hasRead = false;
  private readonly lineReaders = new Set<LineReader>();
  /** Listeners of readline, which says itself when it wants a line, and of the iterators here. */
  private readonly known = new WeakSet<Listener>();
  /** Iterators that wait for a line. */
  private pulls = 0;
  private change: () => void = () => undefined;

  constructor(
    private readonly person: Person,
    private readonly fail: (error: unknown) => void,
  ) {
    super();
    this.on('resume', () => this.askSoon());
    // whoever comes to read
    this.on('newListener', () => this.askSoon());
  }

  override _read(): void {
    this.askSoon();
  }

  /** Every round of a loop asks for a line, and what is behind the loop for none. */
  override [Symbol.asyncIterator](): NodeJS.AsyncIterator<unknown> {
    const lines = super[Symbol.asyncIterator]();
    const next = async () => {
      const before = this.all();
      this.pulls++;
      this.askSoon();
      try {
        const line = lines.next();
        // it begins to listen with its first round
        this.know(before);
        return await line;
      } finally {
        this.pulls--;
      }
    };
    return onDemand(lines, next) as NodeJS.AsyncIterator<unknown>;
  }

  /** Takes note of readline's interface that `begin` makes. */
  readLines<T extends LineReader>(begin: () => T): T {
    const before = this.all();
    const reader = begin();
    this.know(before);
    this.lineReaders.add(reader);
    reader.on('newListener', () => this.askSoon());
    return reader;
  }

  /** The lines that readline hands to a loop, which asks for each. */
  loopOver<T>(reader: LineReader, begin: () => T): T {
    const before = reader.listeners('line');
    const lines = begin();
    for (const listener of reader.listeners('line'))
      if (!before.includes(listener)) this.known.add(listener as Listener);
    return lines;
  }

  /** Asks for a line with the text of a question. */
  askLine(prompt: string, reader: LineReader): void {
    if (!this.lineReaders.has(reader)) this.readLines(() => (this.all().forEach((one) => this.known.add(one)), reader));
    this.send(prompt, 'question');
  }

  /** Waits until the open question is answered, and until whoever only reads has read once. */
  async settled(): Promise<void> {
    while (this.open === 'question' || ((this.timer || this.open) && !this.hasRead)) {
      await new Promise<void>((resolve) => (this.change = resolve));
      // the answer meets its reader, which may ask again
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** What was asked in a cell that has ended gets no answer, and is not asked again in the next. */
  forget(): void {
    this.open = undefined;
    this.hasRead = false;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.change();
  }

  private all(): Listener[] {
    return ['data', 'readable', 'end'].flatMap((event) => this.listeners(event) as Listener[]);
  }

  private know(before: Listener[]): void {
    for (const listener of this.all()) if (!before.includes(listener)) this.known.add(listener);
  }

  /** Asks for a line when no question comes first and somebody still reads. */
  private askSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (!this.open && this.isRead()) this.tryToSend();
      this.change();
    }, QUESTION_MS);
    this.timer.unref();
  }

  private isRead(): boolean {
    if (!this.person.isThere || this.readableLength > 0) return false;
    const wantsLine = (reader: LineReader) => !reader.closed && !reader.paused && this.isHeard(reader, 'line');
    if (this.pulls > 0 || this.isHeard(this, 'readable') || [...this.lineReaders].some(wantsLine)) return true;
    // without anybody to ask, who waits for the end waits in vain
    return (
      (this.readableFlowing === true && this.isHeard(this, 'data')) ||
      (!this.person.canAnswer && this.isHeard(this, 'end'))
    );
  }

  private isHeard(emitter: NodeJS.EventEmitter, event: string): boolean {
    return emitter.listeners(event).some((listener) => !this.known.has(listener as Listener));
  }

  private tryToSend(): void {
    try {
      this.send('', 'read');
    } catch (error) {
      // who reads comes to an end, and the cell fails
      this.push(null);
      this.read(0);
      try {
        this.emit('error', error);
      } catch (unheard) {
        this.fail(unheard);
      }
    }
  }

  private send(prompt: string, kind: 'read' | 'question'): void {
    this.person.ask(prompt, (answer) => {
      this.open = undefined;
      this.hasRead = true;
      this.push(`${answer}\n`);
      this.change();
    });
    this.open = kind;
  }
}

/** What the kernel asks of the stream. */
interface Stdin {
  /** Waits for the answers that the cell that runs still wants. */
  settled(): Promise<void>;
  /** The cell has ended. */
  forget(): void;
}

/**
 * Puts the stream in the place of `process.stdin`, and lets readline ask through it.
 *
 * @param fail Ends the cell that runs with an error that no reader hears.
 */
export function installStdin(person: Person, fail: (error: unknown) => void): Stdin {
  /** Those that were read in the cell that runs, the newest last. */
  let streams: PersonStream[] = [];
  let newest: PersonStream | undefined;
  const use = (stream: PersonStream) => {
    if (!streams.includes(stream)) streams.push(stream);
    return stream;
  };
  const current = () => {
    if (!newest || newest.destroyed || newest.readableEnded) newest = new PersonStream(person, fail);
    return use(newest);
  };
  Object.defineProperty(process, 'stdin', { get: current, configurable: true, enumerable: true });
  noticeLineReaders();
  letLineReadersAsk((reader, stream, question) => {
    if (reader.paused) reader.resume();
    use(stream).askLine(question, reader);
  });
  return {
    settled: async () => {
      for (const stream of streams) await stream.settled();
    },
    forget: () => {
      for (const stream of streams) stream.forget();
      streams = [];
      newest = undefined;
    },
  };
}

function noticeLineReaders(): void {
  for (const module of [callbacks, readline] as { createInterface(...values: unknown[]): LineReader }[]) {
    const { createInterface } = module;
    module.createInterface = (...values) => {
      const [first] = values as [{ input?: unknown } | undefined];
      const input = first instanceof PersonStream ? first : first?.input;
      const begin = () => createInterface(...values);
      return input instanceof PersonStream ? input.readLines(begin) : begin();
    };
  }
  syncBuiltinESMExports();
}

type Ask = (reader: LineReader, stream: PersonStream, question: string) => void;

function letLineReadersAsk(ask: Ask): void {
  const reader = Object.getPrototypeOf(readline.Interface.prototype) as LineReader;
  const { prompt, [Symbol.asyncIterator]: iterate } = reader;
  reader.prompt = function (this: LineReader, preserveCursor) {
    if (!(this.input instanceof PersonStream)) return prompt.call(this, preserveCursor);
    ask(this, this.input, this.getPrompt());
  };
  reader[Symbol.asyncIterator] = function (this: LineReader) {
    const { input } = this;
    if (!(input instanceof PersonStream)) return iterate.call(this);
    const lines = input.loopOver(this, () => iterate.call(this));
    return onDemand(lines, () => {
      if (!this.closed) ask(this, input, '');
      return lines.next();
    });
  };
}

/** Asks for a line when the loop wants the next one, and for none after its end, however long the cell goes on. */
function onDemand<T>(lines: AsyncIterator<T>, next: () => Promise<IteratorResult<T>>): AsyncIterableIterator<T> {
  return {
    next,
    return: () => lines.return!(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
