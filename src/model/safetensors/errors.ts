// What can be wrong with a safetensors file, each with a code of its own.
import { ModelError } from '../errors';

/**
 * The rules of the format (https://github.com/huggingface/safetensors#format), and what breaking each is called:
 *
 * | code `E_SAFETENSORS_…` | rule |
 * | --- | --- |
 * | `SHORT` | a file begins with 8 bytes, the length of its header |
 * | `HEADER_SIZE` | a header has at most 100 MB |
 * | `TRUNCATED` | the header, and all that it names, is in the file |
 * | `JSON` | the header is UTF-8 and one JSON object, which begins with `{` |
 * | `DUPLICATE` | no key occurs twice |
 * | `METADATA` | `__metadata__` holds texts by name |
 * | `ENTRY` | a tensor has `dtype`, `shape` and `data_offsets`, of the right kinds |
 * | `DTYPE` | the type is one of the format's |
 * | `SIZE` | the offsets hold as many bytes as type and shape need |
 * | `OVERLAP`, `GAP` | each tensor begins where the one before it ends, the first at 0 |
 * | `TRAILING` | the file ends with the last tensor |
 *
 * And of a good file: `E_SAFETENSORS_MISSING` (it has no such tensor), `E_SAFETENSORS_TYPE` (the tensor's type is not one that
 * was asked for). Of what is to be written: `SIZE`, `HEADER_SIZE`, and `NAME` (no text in UTF-8, or `__metadata__`).
 */
export class SafetensorsError extends ModelError {
  constructor(rule: string, file: string, problem: string) {
    super(`E_SAFETENSORS_${rule}`, `${file}: ${problem}`);
  }
}
