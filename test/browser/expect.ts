// Waiting for what a screen will show.
import assert from 'node:assert/strict';

/** Looks until `condition` holds; fails with its last description when `timeout` milliseconds are over. */
export async function expect(condition: () => Promise<[boolean, string]>, timeout = 20_000): Promise<void> {
  const end = Date.now() + timeout;
  for (;;) {
    const [holds, description] = await condition();
    if (holds) return;
    if (Date.now() > end) assert.fail(description);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
