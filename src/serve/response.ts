// Answers to clients: JSON with a code where something is wrong, and headers that keep a page to itself.
import http from 'node:http';
import type { Duplex } from 'node:stream';
import { SpanlabError } from '../errors';
import { RequestError } from './errors';
import { say } from '../terminal';

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};
const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' };

export function send(
  response: http.ServerResponse,
  status: number,
  content: string | Buffer,
  headers: Record<string, string> = JSON_TYPE,
): void {
  if (isGone(response) || response.headersSent) return;
  const length = String(Buffer.byteLength(content));
  response.writeHead(status, { ...HEADERS, ...headers, 'Content-Length': length }).end(content);
}

/** Nobody listens any more. */
function isGone({ destroyed, socket }: http.ServerResponse): boolean {
  return destroyed || !socket?.writable;
}

/** A request's own error with its status; the model's refusal of a text is 400; anything else is 500, and nothing of it is told. */
export function sendError(response: http.ServerResponse, error: unknown): void {
  if (error instanceof RequestError) {
    return send(response, error.status, body(error), { ...JSON_TYPE, ...error.headers });
  }
  if (error instanceof SpanlabError) return send(response, 400, body(error));
  if (!isGone(response)) say(`error: E_INTERNAL: ${(error as Error)?.message ?? error}`);
  send(response, 500, body({ code: 'E_INTERNAL', message: 'the server made a mistake; its log says which' }));
}

function body({ code, message }: { code: string; message: string }): string {
  return JSON.stringify({ error: { code, message } });
}

const REFUSALS: Record<string, [status: number, code: string, message: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'E_SLOW', 'the request took too long to arrive; send it at once'],
  HPE_HEADER_OVERFLOW: [431, 'E_HEADERS', 'the headers are too long; send 16 KB at most'],
};

/** What is not HTTP, or does not arrive: a last word, then the line is cut. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, code, message] = REFUSALS[error.code ?? ''] ?? [
    400,
    'E_HTTP',
    'this is not a valid HTTP request; send one as RFC 9112 has it',
  ];
  const content = body({ code, message });
  const lines = [
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}`,
    'Connection: close',
    `Content-Type: ${JSON_TYPE['Content-Type']}`,
    `Content-Length: ${Buffer.byteLength(content)}`,
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${content}`, () => socket.destroy());
}
