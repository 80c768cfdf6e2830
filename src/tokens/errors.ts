// What can go wrong between text and tokens.
import { SpanlabError } from '../errors';

/** A tokenizer that cannot be loaded (`E_TOKENIZER_*`) or a request that cannot be met (`E_TOKENS_*`). */
export class TokenError extends SpanlabError {}
