// node:fs/promises in a browser.
import fs from './fs';

export = fs.promises;
