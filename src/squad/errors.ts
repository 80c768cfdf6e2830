// What can go wrong with a data set.
import { SpanlabError } from '../errors';

/**
 * `E_SQUAD_JSON` (not JSON), `E_SQUAD_SCHEMA` (not in SQuAD's format, nor in another that we know; the message has the path to the
 * field, or the fields of the first record), `E_SQUAD_TABLE` (a table that cannot be read, or has other columns),
 * `E_SQUAD_COLUMNS` (`--columns` names a field that no record has), `E_SQUAD_PACKED` (an archive that is damaged, or has several files), `E_SQUAD_PARQUET` (a damaged Parquet file),
 * `E_SQUAD_ANSWER` (an answer that is not in its context), `E_SQUAD_LISTS` (lists of different lengths), `E_SQUAD_PROBLEM` (a
 * strict reading found something wrong), `E_SQUAD_EMPTY` (nothing could be kept), `E_SQUAD_UNLABELLED` (no question has a label),
 * `E_SQUAD_SPLIT` (one part would be empty).
 */
export class SquadError extends SpanlabError {}
