// What went wrong between us and the hub, for the person who wants to publish.
import { HubApiError } from '@huggingface/hub';
import { SpanlabError } from '../errors';
import { PublishError } from './errors';

const AGAIN = 'run the same command again; files that have arrived are not sent twice';
const MEANINGS: Record<number, [code: string, advice: string]> = {
  401: ['E_PUBLISH_AUTH', 'the token is not valid (any more); make one at the hub under settings, access tokens'],
  403: ['E_PUBLISH_DENIED', 'the token may not write there; check the owner’s name, and the rights of the token'],
  404: ['E_PUBLISH_MISSING', 'the hub knows no such place; check owner and name, and HF_ENDPOINT'],
  409: ['E_PUBLISH_CONFLICT', 'somebody changed the repository at the same time; run the same command again'],
  412: ['E_PUBLISH_CONFLICT', 'somebody changed the repository at the same time; run the same command again'],
  429: ['E_PUBLISH_BUSY', `the hub has too much to do; wait, then ${AGAIN}`],
};

/** An answer of the hub, or a failed connection, as an error with a code; ours and those of others come back as they are. */
export function explainHub(error: unknown, repository: string): unknown {
  if (error instanceof SpanlabError) return error;
  if (error instanceof HubApiError) return explainStatus(error, repository);
  const { name, message } = error as Error;
  if (name === 'AbortError') return error;
  return new PublishError('E_PUBLISH_HUB', `${repository}: ${message}; check HF_ENDPOINT`, { cause: error });
}

function explainStatus(error: HubApiError, repository: string): PublishError {
  const { statusCode: status, data } = error;
  const said = typeof data?.error === 'string' ? ` (${data.error})` : '';
  const other = status >= 500 ? MEANINGS[429] : (['E_PUBLISH_HUB', 'it refuses this'] as const);
  const [code, advice] = MEANINGS[status] ?? other;
  return new PublishError(code, `${repository}: the hub answered ${status}${said}: ${advice}`, { cause: error });
}

/** A file that the storage did not take. */
export function refusedFile(name: string, status: number): PublishError {
  return new PublishError('E_PUBLISH_UPLOAD', `${name}: the storage answered ${status}; ${AGAIN}`);
}

/** A host that cannot be reached, or a connection that broke. */
export function brokenConnection(url: URL, error: Error): PublishError {
  const place = url.origin + url.pathname; // not the query: addresses of storages are signed there
  const advice = 'check the network, the proxy or HF_ENDPOINT, and run the same command again';
  return new PublishError('E_PUBLISH_NETWORK', `${place}: ${innermost(error).message}; ${advice}`, { cause: error });
}

function innermost(error: Error): Error {
  return error.cause instanceof Error ? innermost(error.cause) : error;
}
