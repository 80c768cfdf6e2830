// A request for a file: through the proxies of the environment, with redirects that carry no secret elsewhere.
import { shown } from './address';
import { DownloadError, Temporary } from './errors';
import { type Answer, exchange } from './http';

export interface RequestOptions {
  method?: 'GET' | 'HEAD';
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** A server that says nothing for so long, in milliseconds, is asked again; a minute unless told. */
  stall?: number;
  /** Whether a redirect is followed; always, unless told. */
  follow?: (from: URL, to: URL, answer: Answer) => boolean;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MOST_REDIRECTS = 10;
/** Headers that only the server they were meant for may see. */
const SECRETS = new Set(['authorization', 'cookie', 'proxy-authorization']);

/**
 * The answer of the last server in a chain of redirects. A name and password in an address go along as a header, and no further
 * than to its server; neither does `authorization` go to another port or scheme of the same host.
 *
 * @throws Temporary, DownloadError `E_DOWNLOAD_NETWORK`, `E_DOWNLOAD_NAME`, `E_DOWNLOAD`; the signal's reason
 */
export async function request(address: string, options: RequestOptions = {}): Promise<Answer> {
  const { follow = () => true, ...rest } = options;
  let [url, headers] = withCredentials(parseAddress(address), options.headers ?? {});
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const answer = await send(url, { ...rest, headers });
    const place = REDIRECTS.has(answer.status) ? answer.headers.get('location') : null;
    if (place === null) return answer;
    const next = parseAddress(place, url);
    if (!follow(url, next, answer)) return answer;
    answer.body.destroy();
    if (next.origin !== url.origin) headers = withoutSecrets(headers);
    url = next;
  }
  throw new DownloadError('E_DOWNLOAD', `${shown(address)}: more than ${MOST_REDIRECTS} redirects; check the address`);
}

async function send(url: URL, { headers, signal, ...options }: Omit<RequestOptions, 'follow'>): Promise<Answer> {
  // bytes as they are: a compressed answer could be neither resumed nor measured
  const all = { 'accept-encoding': 'identity', 'user-agent': 'spanlab', ...headers };
  signal?.throwIfAborted();
  try {
    return await exchange(url, { ...options, headers: all, signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw explain(url, error as Error);
  }
}

function withCredentials(url: URL, headers: Record<string, string>): [URL, Record<string, string>] {
  if (url.username === '' && url.password === '') return [url, headers];
  const secret = [url.username, url.password].map(decoded).join(':');
  const plain = new URL(url);
  [plain.username, plain.password] = ['', ''];
  return [plain, { authorization: `Basic ${Buffer.from(secret).toString('base64')}`, ...headers }];
}

/** What is not escaped correctly is meant as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
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
    `${shown(address)}: not an address of the web; it begins with https:// or http://`,
  );
}

function withoutSecrets(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !SECRETS.has(name.toLowerCase())));
}

/** What a failed connection means: unknown hosts, refusing proxies and false certificates stay so, the rest may pass. */
function explain(url: URL, error: Error): Error {
  if (error instanceof DownloadError) return error;
  const cause = innermost(error);
  const told = (advice: string) =>
    new DownloadError('E_DOWNLOAD_NETWORK', `${shown(url)}: ${cause.message}; ${advice}`, { cause: error });
  if (cause.code === 'ENOTFOUND' || cause.code === 'EAI_AGAIN')
    return told('check the network, the proxy or the mirror');
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(cause.code ?? '')) {
    return told('behind an inspecting proxy set NODE_EXTRA_CA_CERTS to its certificate');
  }
  if (/proxy/i.test(cause.message)) return told('check HTTPS_PROXY, HTTP_PROXY and NO_PROXY');
  return new Temporary('E_DOWNLOAD_NETWORK', cause.message);
}

function innermost(error: Error): NodeJS.ErrnoException {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return innermost(error.errors[0]);
  return error.cause instanceof Error ? innermost(error.cause) : error;
}
