// One HTTP request: through the proxies of the environment, with redirects that carry no secret elsewhere.
import { EnvHttpProxyAgent, fetch } from 'undici';
import type { Response } from 'undici';
import { DownloadError, Temporary } from './errors';

export interface RequestOptions {
  method?: 'GET' | 'HEAD';
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Whether a redirect is followed; always, unless told. */
  follow?: (from: URL, to: URL, response: Response) => boolean;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MOST_REDIRECTS = 10;
/** Headers that only the server they were meant for may see. */
const SECRETS = new Set(['authorization', 'cookie', 'proxy-authorization']);
/** A server that says nothing for so long, in milliseconds, is asked again. */
const TIMEOUTS = { connectTimeout: 10_000, headersTimeout: 30_000, bodyTimeout: 30_000 };

/** Sockets of one download; `close` ends them. */
export class Connection {
  private readonly agent = new EnvHttpProxyAgent({ ...TIMEOUTS, ...proxies(), proxyTunnel: false });

  /**
   * The answer of the last server in a chain of redirects. Redirects are followed here, not by `fetch`: we also keep
   * `authorization` from another port or scheme of the same host.
   *
   * @throws Temporary, DownloadError `E_DOWNLOAD_NETWORK`, `E_DOWNLOAD_NAME`, `E_DOWNLOAD`; the signal's reason
   */
  async request(address: string, options: RequestOptions = {}): Promise<Response> {
    const { follow = () => true, ...rest } = options;
    let [url, headers] = withCredentials(parseAddress(address), options.headers ?? {});
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const response = await this.send(url, { ...rest, headers });
      const place = REDIRECTS.has(response.status) ? response.headers.get('location') : null;
      if (place === null) return response;
      const next = parseAddress(place, url);
      if (!follow(url, next, response)) return response;
      await response.body?.cancel();
      if (next.origin !== url.origin) headers = withoutSecrets(headers);
      url = next;
    }
    throw new DownloadError('E_DOWNLOAD', `${address}: more than ${MOST_REDIRECTS} redirects; check the address`);
  }

  /** Ends all sockets, also those in use. */
  close(): Promise<void> {
    return this.agent.destroy();
  }

  private async send(url: URL, { method, headers, signal }: RequestOptions): Promise<Response> {
    // bytes as they are: a compressed answer could be neither resumed nor measured
    const all = { 'accept-encoding': 'identity', 'user-agent': 'spanlab', ...headers };
    try {
      return await fetch(url, { method, headers: all, signal, redirect: 'manual', dispatcher: this.agent });
    } catch (error) {
      signal?.throwIfAborted();
      throw explain(url, error as Error);
    }
  }
}

/** The proxies of the environment, also those that are written without a scheme. @throws DownloadError `E_DOWNLOAD_NETWORK` */
export function proxies(): { httpProxy?: string; httpsProxy?: string } {
  const proxy = (name: string) => {
    const value = process.env[name.toLowerCase()] || process.env[name];
    if (!value) return undefined;
    const address = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`;
    try {
      return new URL(address).href;
    } catch {
      throw new DownloadError('E_DOWNLOAD_NETWORK', `${name} is no address of a proxy; write http://host:port`);
    }
  };
  return { httpProxy: proxy('HTTP_PROXY'), httpsProxy: proxy('HTTPS_PROXY') };
}

/** A name and password in an address go along as a header, and no further than to its server. */
function withCredentials(url: URL, headers: Record<string, string>): [URL, Record<string, string>] {
  if (url.username === '' && url.password === '') return [url, headers];
  const secret = [url.username, url.password].map(decodeURIComponent).join(':');
  const plain = new URL(url);
  [plain.username, plain.password] = ['', ''];
  return [plain, { authorization: `Basic ${Buffer.from(secret).toString('base64')}`, ...headers }];
}

function parseAddress(address: string, base?: URL): URL {
  try {
    const url = new URL(address, base);
    if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  } catch {
    // said below
  }
  throw new DownloadError(
    'E_DOWNLOAD_NAME',
    `${address}: not an address of the web; it begins with https:// or http://`,
  );
}

function withoutSecrets(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !SECRETS.has(name.toLowerCase())));
}

/** What a failed connection means: unknown hosts, refusing proxies and false certificates stay so, the rest may pass. */
function explain(url: URL, error: Error): Error {
  const cause = innermost(error);
  const told = (advice: string) =>
    new DownloadError('E_DOWNLOAD_NETWORK', `${url.href}: ${cause.message}; ${advice}`, { cause: error });
  if (cause.code === 'ENOTFOUND' || cause.code === 'EAI_AGAIN')
    return told('check the network, the proxy or the mirror');
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(cause.code ?? '')) {
    return told('behind an inspecting proxy set NODE_EXTRA_CA_CERTS to its certificate');
  }
  if (/proxy/i.test(cause.message)) return told('check HTTPS_PROXY, HTTP_PROXY and NO_PROXY');
  return new Temporary('E_DOWNLOAD_NETWORK', cause.message);
}

function innermost(error: Error): NodeJS.ErrnoException {
  return error.cause instanceof Error ? innermost(error.cause) : error;
}
