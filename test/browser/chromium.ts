// A real browser for tests: Chromium, as the system has it.
import fs from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

const ROOT = path.resolve(__dirname, '..', '..');
/** Where tests leave what they saw. */
const PICTURES = path.join(ROOT, 'runs', 'screenshots');
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * Starts Chromium: the one that `CHROMIUM` names, or the first that the path has.
 *
 * @throws Error that says what to install.
 */
export function startBrowser(): Promise<Browser> {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const places = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  const executablePath = process.env.CHROMIUM ?? places.find((place) => fs.existsSync(place));
  if (!executablePath) throw new Error('browser tests need Chromium (apt install chromium), or its path in CHROMIUM');
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** Saves what the page shows as `runs/screenshots/NAME.png`. */
export async function picture(page: Page, name: string): Promise<string> {
  fs.mkdirSync(PICTURES, { recursive: true });
  const file = path.join(PICTURES, `${name}.png`);
  await page.screenshot({ path: file });
  return file;
}
