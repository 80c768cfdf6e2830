// What every page of ours must hold: no rule of accessibility that axe-core knows is broken, and it fits the window's width.
import assert from 'node:assert/strict';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

interface Axe {
  axe: { run(options: object): Promise<AxeResults> };
}

/** Runs axe-core's rules of WCAG 2.2 A and AA, and its best practices, in the page as it is now. */
export async function assertAccessible(page: Page): Promise<void> {
  // evaluated by the inspector, so that a page's content security policy stays as it is
  const source = await import('axe-core');
  await page.evaluate(source.default.source);
  const { violations, passes } = await page.evaluate(async () => (globalThis as unknown as Axe).axe.run({ resultTypes: ['violations'] })); // prettier-ignore
  const told = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
  assert.deepEqual(told, []);
  assert.ok(passes.length > 10, 'the rules were tried');
  const [wanted, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wanted <= shown, `the page is ${wanted} px wide in a window of ${shown} px`);
}
