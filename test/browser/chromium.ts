// A real browser for tests, and pictures of what it shows.
import fs from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';

export { startBrowser } from '../../kernel/chromium';

const ROOT = path.resolve(__dirname, '..', '..');
/** Where tests leave what they saw. */
const PICTURES = path.join(ROOT, 'runs', 'screenshots');
/** Saves what the page shows as `runs/screenshots/NAME.png`. */
export async function picture(page: Page, name: string): Promise<string> {
  fs.mkdirSync(PICTURES, { recursive: true });
  const file = path.join(PICTURES, `${name}.png`);
  await page.screenshot({ path: file });
  return file;
}
