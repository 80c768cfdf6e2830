// Files that are larger than memory likes: article after article, each forgotten when the next one comes.
import fs from 'node:fs';
import { SpanlabError, toFileError } from '../errors';
import { decodeText } from '../text-file';
import { SquadError } from './errors';
import type { ReadOptions } from './read';
import { toRecords } from './read';
import type { SquadRecord } from './record';
import type { SquadFile } from './schema';
import { checkSchema } from './schema';

/**
 * The records of a file in its order; of the file, only the article at hand is in memory. `readSquadRecords` gives the same at once.
 *
 * @throws FileError, SquadError `E_SQUAD_JSON`, `E_SQUAD_SCHEMA`, when the place in the file is reached.
 * @example for await (const { question } of streamSquadRecords('large.json')) count++
 */
export async function* streamSquadRecords(path: string, options: ReadOptions = {}): AsyncGenerator<SquadRecord> {
  let number = 0;
  for await (const text of articles(path)) {
    const where = `data[${number++}]`;
    let article: unknown;
    try {
      article = JSON.parse(text);
    } catch (error) {
      const problem = (error as Error).message.replace(/\s+/g, ' ');
      throw new SquadError('E_SQUAD_JSON', `${path}: ${where}: not valid JSON (${problem}); fetch or save it again`);
    }
    for (const record of toRecords(checkArticle(article, path, where), options)) yield record;
  }
}

function checkArticle(article: unknown, path: string, where: string): SquadFile {
  try {
    return checkSchema({ data: [article] }, path);
  } catch (error) {
    if (error instanceof SquadError) throw new SquadError(error.code, error.message.replace('data[0]', where));
    throw error;
  }
}

/** The texts of the elements of the file's `data`. */
async function* articles(path: string): AsyncGenerator<string> {
  const scanner = new Scanner(path);
  try {
    for await (const chunk of fs.createReadStream(path, { highWaterMark: 1 << 20 })) {
      for (const text of scanner.scan(chunk as Buffer)) yield text;
    }
  } catch (error) {
    throw error instanceof SpanlabError ? error : toFileError(error, path);
  }
  scanner.end();
}

const [SPACE, QUOTE, COMMA, BACKSLASH] = [0x20, 0x22, 0x2c, 0x5c];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];

/** What may lie around the articles, in bytes. */
const MOST_OUTSIDE = 1 << 26;

const isOpening = (byte: number) => byte === OPEN_OBJECT || byte === OPEN_LIST;
const isClosing = (byte: number) => byte === CLOSE_OBJECT || byte === CLOSE_LIST;

/** Follows brackets and strings, and cuts out what lies in the list `data` of the outermost object. */
class Scanner {
  private depth = 0;
  private inString = false;
  private isData = false;
  private hadData = false;
  /** The last string at the top, as far as it was seen: the key of what follows. */
  private key = '';
  /** What was seen of the element at hand. */
  private parts: Buffer[] = [];
  private inElement = false;
  /** Where it begins in the chunk at hand. */
  private start = 0;
  private bytes = 0;
  /** The file without its articles, each a 0: what is wrong around them shows in it. */
  private outside: Buffer[] = [];
  private outsideBytes = 0;
  private outsideStart = 0;
  private taken = 0;

  constructor(private readonly path: string) {}

  /** Yields the elements that end in this chunk. */
  *scan(chunk: Buffer): Generator<string, void, undefined> {
    [this.start, this.outsideStart] = [0, 0];
    for (let at = 0; at < chunk.length;) {
      if (this.inString) {
        at = this.passString(chunk, at);
        continue;
      }
      const text = this.step(chunk, at++);
      if (text !== undefined) yield text;
    }
    if (this.inElement) this.parts.push(chunk.subarray(this.start));
    else this.keepOutside(chunk.subarray(this.outsideStart));
    this.bytes += chunk.length;
  }

  /** One byte outside strings; gives the element that it ends. */
  private step(chunk: Buffer, at: number): string | undefined {
    const byte = chunk[at];
    const isBetween = this.isData && this.depth === 2;
    if (isOpening(byte)) {
      if (isBetween) this.beginElement(chunk, at);
      this.open(byte);
    } else if (isClosing(byte)) {
      this.close();
      if (this.inElement && this.depth === 2) {
        this.outsideStart = at + 1;
        return this.take(chunk.subarray(this.start, at + 1));
      }
    } else if (isBetween && byte > SPACE && byte !== COMMA) this.refuse(at);
    else if (byte === QUOTE) this.beginString();
    return undefined;
  }

  /** @throws SquadError when the file is not over yet, or had no data. */
  end(): void {
    if (this.depth > 0 || this.inString) {
      throw new SquadError('E_SQUAD_JSON', `${this.path}: it ends at byte ${this.bytes} in the middle; fetch it again`);
    }
    this.checkOutside();
    if (!this.hadData) checkSchema({}, this.path);
  }

  private beginElement(chunk: Buffer, at: number): void {
    this.keepOutside(Buffer.concat([chunk.subarray(this.outsideStart, at), Buffer.from('0')]));
    [this.start, this.inElement] = [at, true];
  }

  private keepOutside(bytes: Buffer): void {
    this.outsideBytes += bytes.length;
    if (this.outsideBytes <= MOST_OUTSIDE) this.outside.push(Buffer.from(bytes)); // the chunk itself may go
  }

  /** Commas, brackets and names around the articles: a wrong one would hide those behind it. */
  private checkOutside(): void {
    try {
      if (this.outsideBytes > MOST_OUTSIDE) throw new Error(`more than ${MOST_OUTSIDE} bytes that are no article`);
      JSON.parse(decodeText(Buffer.concat(this.outside), this.path));
    } catch (error) {
      if (error instanceof SpanlabError) throw error;
      const problem = (error as Error).message.replace(/\s+/g, ' ');
      throw new SquadError(
        'E_SQUAD_JSON',
        `${this.path}: not valid JSON around the articles (${problem}); fetch it again`,
      );
    }
  }

  private beginString(): void {
    this.inString = true;
    if (this.depth === 1) this.key = '';
  }

  /** Goes on behind the end of a string, or to the end of the chunk. */
  private passString(chunk: Buffer, from: number): number {
    let end = chunk.indexOf(QUOTE, from);
    while (end > 0 && this.isEscaped(chunk, end)) end = chunk.indexOf(QUOTE, end + 1);
    const stop = end < 0 ? chunk.length : end;
    if (this.depth === 1) this.key += chunk.toString('latin1', from, stop);
    if (end < 0) this.danglingEscape = this.trailingBackslashes(chunk, chunk.length) % 2 === 1;
    else [this.inString, this.danglingEscape] = [false, false];
    return end < 0 ? stop : end + 1;
  }

  /** Whether the chunk before this one ended in an open escape. */
  private danglingEscape = false;

  private isEscaped(chunk: Buffer, at: number): boolean {
    return this.trailingBackslashes(chunk, at) % 2 === 1;
  }

  private trailingBackslashes(chunk: Buffer, at: number): number {
    let count = 0;
    while (count < at && chunk[at - 1 - count] === BACKSLASH) count++;
    return count + Number(count === at && this.danglingEscape);
  }

  private open(byte: number): void {
    if (this.depth === 1 && byte === OPEN_LIST && this.key === 'data') this.isData = this.hadData = true;
    this.depth++;
  }

  private close(): void {
    this.depth--;
    if (this.depth === 1) this.isData = false;
  }

  private take(last: Buffer): string {
    const text = decodeText(Buffer.concat([...this.parts, last]), `${this.path}: data[${this.taken++}]`);
    [this.parts, this.inElement] = [[], false];
    return text;
  }

  private refuse(at: number): never {
    const place = `byte ${this.bytes + at}`;
    throw new SquadError('E_SQUAD_SCHEMA', `${this.path}: ${place}: data holds something that is no article`);
  }
}
