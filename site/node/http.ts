// node:http in a browser: a server that a cell starts answers what this tab asks of it, and nobody else.
import { Writable } from '@jspm/core/nodelibs/stream';
import { absent } from './absent';

type Handler = (request: object, response: Reply) => void;

const FIRST_PORT = 49152;
const servers = new Map<number, Handler>();

class Server {
  private port = 0;

  constructor(private readonly handler: Handler) {}

  listen(port: number, ...rest: unknown[]): this {
    this.port = port || FIRST_PORT + servers.size;
    servers.set(this.port, this.handler);
    const ready = rest.find((value) => typeof value === 'function') as (() => void) | undefined;
    if (ready) queueMicrotask(ready);
    return this;
  }

  address(): { address: string; port: number; family: string } {
    return { address: '127.0.0.1', port: this.port, family: 'IPv4' };
  }

  close(done?: () => void): this {
    servers.delete(this.port);
    done?.();
    return this;
  }
}

/** What a handler writes its answer to. */
class Reply extends Writable {
  statusCode = 200;
  private readonly headers: Record<string, string> = {};
  private readonly body = new TransformStream<Uint8Array, Uint8Array>();
  private readonly writer = this.body.writable.getWriter();

  setHeader(name: string, value: unknown): this {
    this.headers[name.toLowerCase()] = String(value);
    return this;
  }

  writeHead(status: number, headers: Record<string, unknown> = {}): this {
    this.statusCode = status;
    for (const [name, value] of Object.entries(headers)) this.setHeader(name, value);
    return this;
  }

  override _write(chunk: Uint8Array | string, _encoding: string, done: (error?: Error) => void): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    this.writer.write(new Uint8Array(bytes)).then(() => done(), done);
  }

  override _final(done: (error?: Error) => void): void {
    this.writer.close().then(() => done(), done);
  }

  toResponse(): Response {
    return new Response(this.body.readable, { status: this.statusCode, headers: this.headers });
  }
}

/** The answer of a server of this tab; nothing for other addresses. */
export function answerHere(address: string, { method = 'GET' }: RequestInit = {}): Promise<Response> | undefined {
  const [, port, url] = /^http:\/\/(?:127\.0\.0\.1|localhost):(\d+)(.*)$/.exec(address) ?? [];
  const handler = servers.get(Number(port));
  if (!handler) return undefined;
  const reply = new Reply();
  handler({ url: url || '/', method, headers: {} }, reply);
  return Promise.resolve(reply.toResponse());
}

export const createServer = (handler: Handler): Server => new Server(handler);
const others = absent('http');
export const { Agent, request, get, STATUS_CODES } = others;
export default { createServer, Server, Agent, request, get };
export { Server };
