// One HTTP exchange through Node's own client. Its body ends with an error wherever the connection ended too soon.
import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';
import { DownloadError } from './errors';

/** What a server answered. */
export interface Answer {
  status: number;
  statusText: string;
  headers: Headers;
  /** The bytes as they were sent: a compressed answer stays compressed. */
  body: http.IncomingMessage;
}

export interface Exchange {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array | Readable;
  signal?: AbortSignal;
  /** A server that says nothing for so long, in milliseconds, is left. */
  stall?: number;
}

const CONNECT_TIMEOUT = 10_000;
export const STALL = 60_000;

/** Statuses that have no body to wait for are answered with one that is at its end. @throws the system's error; the signal's reason */
export function exchange(url: URL, { body, stall = STALL, ...options }: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { request: start } = url.protocol === 'https:' ? https : http;
    const agent = proxyAgent(url);
    const request = start(url, { ...options, agent });
    let answered: http.IncomingMessage | undefined;
    // bytes beyond the announced length come as an error of the request after its answer
    request.on('error', (error) => (answered ? answered.destroy(error) : reject(error)));
    watch(request, stall);
    request.on('response', (message) => {
      answered = message.on('error', () => undefined); // also where nobody reads it
      const { statusCode: status = 0, statusMessage: statusText = '' } = message;
      resolve({ status, statusText, headers: headersOf(message), body: message });
    });
    if (body instanceof Readable) body.on('error', (error) => request.destroy(error)).pipe(request);
    else request.end(body);
  });
}

/** Ends a request whose server is silent: sooner while it does not even connect. */
function watch(request: http.ClientRequest, stall: number): void {
  const silent = (limit: number) => request.destroy(new Error(`the server said nothing for ${limit / 1000} s`));
  const connecting = setTimeout(() => silent(CONNECT_TIMEOUT), CONNECT_TIMEOUT);
  request.on('socket', (socket) => {
    const connected = () => clearTimeout(connecting);
    if (socket.connecting) socket.once('connect', connected);
    else connected();
  });
  request.on('close', () => clearTimeout(connecting));
  request.setTimeout(stall, () => silent(stall));
}

function headersOf({ rawHeaders }: http.IncomingMessage): Headers {
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i], rawHeaders[i + 1]);
  return headers;
}

/** What goes through the proxy that the environment names for an address; without one, a socket for this request alone. */
function proxyAgent(url: URL): http.Agent | false {
  const proxy = proxyFor(url);
  if (!proxy) return false;
  return url.protocol === 'https:' ? new HttpsProxyAgent(proxy) : new HttpProxyAgent(proxy);
}

/**
 * The proxy for an address by `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case; one without a scheme is
 * asked over HTTP, whatever the address.
 *
 * @throws DownloadError `E_DOWNLOAD_NETWORK`
 */
export function proxyFor(url: URL): URL | undefined {
  if (!getProxyForUrl(url.href)) return undefined;
  for (const name of [`${url.protocol.slice(0, -1).toUpperCase()}_PROXY`, 'ALL_PROXY']) {
    const value = process.env[name.toLowerCase()] || process.env[name];
    if (!value) continue;
    try {
      return new URL(/^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`);
    } catch {
      throw new DownloadError('E_DOWNLOAD_NETWORK', `${name} is no address of a proxy; write http://host:port`);
    }
  }
  return undefined;
}
