// The page in a real browser: it asks, marks the answer, lists the others, draws the scores, and says what is wrong.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { ask } from '../../src/evaluation/answer';
import type { Serving } from '../../src/serve/server';
import { assertAccessible } from '../browser/accessible';
import { picture, startBrowser } from '../browser/chromium';
import { smallParts, startServer } from './server';

let [browser, server, page] = [] as unknown as [Browser, Serving, Page];
const complaints: string[] = [];

before(async () => {
  [browser, server] = await Promise.all([startBrowser(), startServer()]);
  page = await browser.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  await page.goto(server.url);
});
after(async () => {
  await browser?.close();
  await server?.close();
});

const CONTEXT = 'Ada won <b>the race</b> & went 🎉 home.\nBo stayed.';

test('the answer is marked in the text, which is never markup; five answers; a bar a token', async () => {
  await page.fill('#context', CONTEXT);
  await page.fill('#question', 'Who won?');
  await page.click('#ask');
  await page.waitForSelector('#tokens .token');
  const { model, tokenizer } = await smallParts();
  const answers = await ask(model, tokenizer, 'Who won?', CONTEXT, { topK: 5 });
  assert.equal(await page.textContent('#marked'), CONTEXT);
  assert.equal(await page.textContent('#marked mark'), answers[0].answer);
  assert.equal(await page.locator('#marked b').count(), 0);
  assert.equal(await page.locator('#answers li').count(), answers.length);
  assert.equal(await page.textContent('#name'), 'small');
  const tokens = await tokenizer.encode(CONTEXT, undefined, { addSpecialTokens: false });
  assert.equal(await page.locator('#tokens .token').count(), tokens.length);
  assert.match((await page.textContent('#meaning'))!, /^\s*If there is an answer, how likely it starts/);
  await picture(page, 'serve');
});

test('another answer is marked when it is chosen; a token tells its scores', async () => {
  const second = page.locator('#answers button').nth(1);
  await second.click();
  const text = (await second.textContent())!.replace(/ · [\d.]+ %$/, '');
  assert.equal(await page.textContent('#marked mark'), text);
  await page.locator('#tokens .token').first().click();
  assert.match((await page.textContent('#token'))!, /^Ada: start [\d.]+ %, end [\d.]+ %$/);
  await page.keyboard.press('ArrowRight');
  assert.match((await page.textContent('#token'))!, /^won: start/);
  assert.equal(await page.locator('#tokens [aria-selected="true"]').count(), 1);
  await page.keyboard.press('End');
  assert.match((await page.textContent('#token'))!, /^\.: start/);
});

test('"no answer" has its row where it is allowed, also when twenty answers are better', async () => {
  const { model, tokenizer } = await smallParts();
  const answers = await ask(model, tokenizer, 'Who won?', CONTEXT, { topK: 20, handleImpossibleAnswer: true });
  assert.ok(
    answers.every(({ answer }) => answer !== ''),
    'the model of this test has better answers',
  );
  await page.check('#none');
  await page.click('#ask');
  await page.waitForFunction(() => document.querySelectorAll('#answers li').length === 6);
  assert.match((await page.locator('#answers li').last().textContent())!, /^\(no answer\) · below [\d.]+ %$/);
  await page.uncheck('#none');
});

test('a model that has learned to say "no answer" may say it from the first question on', async () => {
  assert.equal(await page.isChecked('#none'), false);
  const learned = await startServer({ mayBeNone: true });
  const fresh = await browser.newPage();
  try {
    await fresh.goto(learned.url);
    await fresh.waitForFunction(() => document.getElementById('name')!.textContent === 'small');
    assert.equal(await fresh.isChecked('#none'), true);
    await fresh.click('#examples button:last-child');
    await fresh.waitForSelector('#answers li');
    assert.match((await fresh.textContent('#answers'))!, /\(no answer\)/);
  } finally {
    await fresh.close();
    await learned.close();
  }
});

test('a question to try, with one click', async () => {
  const fresh = await browser.newPage();
  await fresh.goto(server.url);
  await fresh.click('#examples button:nth-child(2)');
  await fresh.waitForSelector('#tokens .token');
  assert.equal(await fresh.inputValue('#question'), 'When was it built?');
  await fresh.close();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`no rule of accessibility is broken, and nothing is wider than a phone (${colorScheme})`, async () => {
    const context = await browser.newContext({ colorScheme, viewport: { width: 390, height: 844 } });
    const narrow = await context.newPage();
    await narrow.goto(server.url);
    await narrow.click('#ask');
    await narrow.waitForSelector('#tokens .token');
    await narrow.locator('#tokens .token').nth(3).click();
    await assertAccessible(narrow);
    await picture(narrow, `serve-${colorScheme}`);
    await context.close();
  });
}

test('what the server refuses is said', async () => {
  await page.fill('#question', 'x'.repeat(2001));
  await page.click('#ask');
  await page.waitForSelector('#status.error');
  assert.match((await page.textContent('#status'))!, /^Question: it is longer than 2000 characters/);
  assert.equal(await page.isVisible('#result'), false, 'no answer to another question stays');
  await page.fill('#question', 'Who won?');
  await page.fill('#context', ' ');
  await page.click('#ask');
  await page.waitForFunction(() => document.getElementById('status')!.textContent!.startsWith('Text: it is empty'));
  await page.fill('#context', CONTEXT);
  await page.click('#ask');
  await page.waitForSelector('#result:not([hidden])');
  await page.fill('#context', '');
  await page.click('#ask');
  assert.equal(await page.isVisible('#result'), false, 'nor an answer about a text that is gone');
  assert.equal(await page.textContent('#status'), '');
  // Chromium's own line about the refused request is the only one
  assert.deepEqual(
    complaints.filter((line) => !line.includes('400')),
    [],
  );
});
