// Comparing exports in a browser: what reads them, transformers.js, is not on the site.
import { BrowserError } from '../node/absent';

/** @throws BrowserError `E_BROWSER` */
export function compareExports(): never {
  throw new BrowserError(
    'E_BROWSER',
    'transformers.js, which reads the ONNX files, is not on this site; save the folder as a zip and compare on a computer',
  );
}
