// A server on 127.0.0.1 that answers as a test tells it, and writes down what it was asked.
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** How the next answers with the content differ from those of a good server. */
export interface Faults {
  tag?: string;
  /** Bytes after which the connection is cut. */
  cut?: number;
  /** Answers with the whole file whatever range is asked for. */
  noRanges?: boolean;
  /** Sends so many bytes, and waits so many milliseconds before the next; beyond `upTo` bytes of the file for ever. */
  slow?: { bytes: number; pause: number; upTo?: number };
}

export class TestServer {
  readonly requests: http.IncomingMessage[] = [];
  answer: Answer = (_, response) => response.writeHead(404).end();
  private readonly server = http.createServer((request, response) => this.handle(request, response));

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get ranges(): (string | undefined)[] {
    return this.requests.map((request) => request.headers.range);
  }

  /** Answers each request in turn with one of `answers`, and from the last on with that one. */
  script(...answers: Answer[]): void {
    this.requests.length = 0;
    let next = 0;
    this.answer = (request, response) => answers[Math.min(next++, answers.length - 1)](request, response);
  }

  handle(request: http.IncomingMessage, response: http.ServerResponse): void {
    this.requests.push(request);
    this.answer(request, response);
  }

  /** Takes a connection that came in elsewhere. */
  connect(socket: Socket): void {
    this.server.emit('connection', socket);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** Serves `content` as RFC 9110 says, ranges and `If-Range` included, but for the faults asked for. */
export function serve(content: Buffer, { tag = '"v1"', cut, noRanges, slow }: Faults = {}): Answer {
  return (request, response) => {
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const asked = range && !noRanges && [undefined, tag].includes(request.headers['if-range'] as string | undefined);
    const from = asked ? Number(range[1]) : 0;
    if (asked && from >= content.length) {
      return void response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    }
    const part: http.OutgoingHttpHeaders = asked
      ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }
      : {};
    response.writeHead(asked ? 206 : 200, { etag: tag, 'content-length': content.length - from, ...part });
    const body = content.subarray(from);
    if (slow) return drip(response, body, slow, from);
    if (cut === undefined || cut >= body.length) return void response.end(body);
    // not `destroy`: what is on its way arrives, however busy the machine is
    response.write(body.subarray(0, cut), () => response.socket?.destroySoon());
  };
}

function drip(
  response: http.ServerResponse,
  body: Buffer,
  { bytes, pause, upTo = Infinity }: NonNullable<Faults['slow']>,
  from: number,
): void {
  let at = 0;
  const timer = setInterval(() => {
    if (!response.destroyed && from + at < upTo) response.write(body.subarray(at, (at += bytes)));
    if (at >= body.length) response.end();
    if (at >= body.length || response.destroyed) clearInterval(timer);
  }, pause);
}

/** Answers with a status and headers, and no file. */
export const status =
  (code: number, headers: http.OutgoingHttpHeaders = {}): Answer =>
  (_, response) =>
    void response.writeHead(code, headers).end();
