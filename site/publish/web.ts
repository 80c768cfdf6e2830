// The stand-alone page in a browser: its scripts are put together by a bundler that runs in Node.
import { BrowserError } from '../node/absent';

export const DTYPES = { q8: 'int8', fp16: 'fp16', fp32: 'fp32' };

/** @throws BrowserError `E_BROWSER` */
export function writeWebPage(): never {
  throw new BrowserError(
    'E_BROWSER',
    'the page is put together on a computer: save the model as a zip and run npx spanlab publish --web there',
  );
}
