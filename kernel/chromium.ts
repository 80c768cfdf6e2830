// A real browser: Chromium, as the system has it.
import fs from 'node:fs';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * Starts Chromium: the one that `CHROMIUM` names, or the first that the path has.
 *
 * @param args Further arguments.
 * @throws Error that says what to install.
 */
export function startBrowser(args: string[] = []): Promise<Browser> {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const places = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  const executablePath = process.env.CHROMIUM ?? places.find((place) => fs.existsSync(place));
  if (!executablePath) throw new Error('a browser is needed: Chromium (apt install chromium), or its path in CHROMIUM');
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...args] });
}
