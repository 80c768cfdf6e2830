// What can be wrong with a checkpoint of PyTorch.
import { ModelError } from '../errors';

/**
 * | code `E_PICKLE_…` | problem |
 * | --- | --- |
 * | `CODE` | the file asks for something to be called or made that no weights need: opening it in Python might run code |
 * | `DAMAGED` | the file is cut off or is none of PyTorch's |
 * | `FORM` | a form that PyTorch has, but that is not read here |
 * | `TYPE` | a tensor's numbers are of a type that no weight has |
 */
export class PickleError extends ModelError {
  constructor(rule: 'CODE' | 'DAMAGED' | 'FORM' | 'TYPE', file: string, problem: string) {
    super(`E_PICKLE_${rule}`, `${file}: ${problem}`);
  }
}
