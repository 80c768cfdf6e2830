// Measuring ways of training in a browser: there are no processes of their own to measure in.
import { BrowserError } from '../node/absent';

/** @throws BrowserError `E_BROWSER` */
export function measureTraining(): never {
  throw new BrowserError(
    'E_BROWSER',
    'ways of training are measured in processes of their own, which a browser has not; run this cell on a computer with Node',
  );
}
