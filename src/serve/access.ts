// Who may ask: the names that a request may call this server by, pages of no other site, and those who know the token.
import { createHash, timingSafeEqual } from 'node:crypto';
import type http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import { RequestError } from './errors';

export interface AccessOptions {
  /** The address that the server listens on. */
  host: string;
  /** Further names by which it may be called, such as that of a proxy before it. */
  names?: string[];
  /** What a request must know; without one all may ask that reach the server. */
  token?: string;
}

const LOOPBACK = /^(127(\.\d+){3}|localhost|::1)$/;

/** Whether an address can be reached from this machine only. */
export const isLoopback = (host: string) => LOOPBACK.test(host);

export class Access {
  private readonly names: Set<string>;

  constructor(private readonly options: AccessOptions) {
    const own = isLoopback(options.host) ? [] : [os.hostname()];
    this.names = new Set([options.host, ...own, ...(options.names ?? [])].map((name) => name.toLowerCase()));
  }

  /**
   * Refuses what comes by a wrong way.
   *
   * A page of another site could reach this server under a name of its own that it lets point here (DNS rebinding): only names
   * that are ours are answered. Addresses in numbers are nobody's name.
   *
   * @returns headers for the answer: a cookie, where the address of the page held the token
   * @throws RequestError 400 or 421 `E_HOST`, 403 `E_ORIGIN`, 401 `E_TOKEN`
   */
  check(request: http.IncomingMessage): Record<string, string> {
    const host = this.checkHost(request);
    const { origin } = request.headers;
    if (origin !== undefined && hostOf(origin) !== host.toLowerCase()) {
      throw new RequestError(403, 'E_ORIGIN', 'pages of other sites may not ask here; open the page of this server');
    }
    return this.options.token === undefined ? {} : this.checkToken(request, this.options.token);
  }

  private checkHost({ rawHeaders, headers }: http.IncomingMessage): string {
    const count = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length;
    const { host = '' } = headers;
    const name = hostnameOf(host);
    if (count !== 1 || name === undefined) throw new RequestError(400, 'E_HOST', 'one Host header is needed');
    const isNumber = net.isIP(name) !== 0;
    const isKnown = LOOPBACK.test(name) || this.names.has(name) || (isNumber && !isLoopback(this.options.host));
    if (isKnown) return host;
    const advice = 'call it by its own address, or allow the name with --allow-host';
    throw new RequestError(421, 'E_HOST', `this server does not go by the name ${name.slice(0, 100)}; ${advice}`);
  }

  /** In the header, in the cookie, or in the address of the page, which then gets the cookie. */
  private checkToken(request: http.IncomingMessage, token: string): Record<string, string> {
    if (tokensOf(request).some((text) => isSame(text, token))) return {};
    const [place, query = ''] = (request.url ?? '').split('?');
    const given = new URLSearchParams(query).get('token') ?? '';
    if (place === '/' && request.method === 'GET' && isSame(given, token)) {
      return { 'Set-Cookie': `${COOKIE}=${encodeURIComponent(token)}; HttpOnly; SameSite=Strict; Path=/` };
    }
    const advice = 'open the page with ?token=…, or send Authorization: Bearer …';
    throw new RequestError(401, 'E_TOKEN', `the token is missing or wrong; ${advice}`, {
      'WWW-Authenticate': 'Bearer',
    });
  }
}

/** The tokens that a request brings along. */
function tokensOf({ headers }: http.IncomingMessage): string[] {
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  const cookies = (headers.cookie ?? '').split(/; */).filter((text) => text.startsWith(`${COOKIE}=`));
  return [...(bearer === undefined ? [] : [bearer]), ...cookies.map((text) => decoded(text.slice(COOKIE.length + 1)))];
}

const COOKIE = 'spanlab-token';

/** Without telling by the time it takes how much is right. */
function isSame(text: string, token: string): boolean {
  const [a, b] = [text, token].map((value) => createHash('sha256').update(value).digest());
  return timingSafeEqual(a, b);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The name in a Host header, without its port and the brackets of IPv6. */
function hostnameOf(host: string): string | undefined {
  const [, address, name] = /^(?:\[([\da-f:.]+)\]|([^\s:/\\@[\]]+))(?::\d+)?$/i.exec(host) ?? [];
  return (address ?? name)?.toLowerCase();
}

function hostOf(origin: string): string | undefined {
  try {
    const { host, protocol } = new URL(origin);
    return ['http:', 'https:'].includes(protocol) ? host : undefined;
  } catch {
    return undefined;
  }
}
