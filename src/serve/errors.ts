import { SpanlabError } from '../errors';

/** The server cannot start: `E_SERVE_ADDRESS`. */
export class ServeError extends SpanlabError {}

/** A request that gets no answer, with its HTTP status. */
export class RequestError extends SpanlabError {
  constructor(
    readonly status: number,
    code: string,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(code, message);
  }
}
