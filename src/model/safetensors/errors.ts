// What can be wrong with a safetensors file, each with a code of its own.
import { ModelError } from '../errors';

/**
 * The rules of the format (https://github.com/huggingface/safetensors#format), and what breaking each is called:
 *
 * | code `E_SAFETENSORS_…` | rule |
 * | --- | --- |
 * | `FORM` | the file is one of weights, and not a page, a pointer, an error or an archive in its place |
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
 * | `MISSING` | of a good file: it has the tensor that is asked for |
 * | `TYPE` | of a good file: the tensor's type is one that was asked for |
 * | `NAME` | of what is written: names are texts in UTF-8, and none is `__metadata__` |
 */
export class SafetensorsError extends ModelError {
  constructor(rule: string, file: string, problem: string) {
    super(`E_SAFETENSORS_${rule}`, `${file}: ${problem}`);
  }
}
