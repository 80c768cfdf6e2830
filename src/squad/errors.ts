// What can go wrong with a data set.
import { SpanlabError } from '../errors';

/**
 * `E_SQUAD_JSON` (not JSON), `E_SQUAD_SCHEMA` (not in SQuAD's format; the message has the path to the field),
 * `E_SQUAD_ANSWER` (an answer that is not in its context), `E_SQUAD_LISTS` (lists of different lengths), `E_SQUAD_PROBLEM` (a strict reading found something wrong), `E_SQUAD_EMPTY` and `E_SQUAD_TABLE` (a table that cannot be read).
 */
export class SquadError extends SpanlabError {}
