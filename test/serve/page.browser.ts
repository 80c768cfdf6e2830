// The page in a real browser: it asks, marks the answer, lists the others, draws the scores, and says what is wrong.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { ask } from '../../src/evaluation/answer';
import type { Serving } from '../../src/serve/server';
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
  await page.click('#form button');
  await page.waitForSelector('#plot svg');
  const { model, tokenizer } = await smallParts();
  const answers = await ask(model, tokenizer, 'Who won?', CONTEXT, { topK: 5 });
  assert.equal(await page.textContent('#marked'), CONTEXT);
  assert.equal(await page.textContent('#marked mark'), answers[0].answer);
  assert.equal(await page.locator('#marked b').count(), 0);
  assert.equal(await page.locator('#answers li').count(), answers.length);
  assert.equal(await page.textContent('#name'), 'small');
  const tokens = await tokenizer.encode(CONTEXT, undefined, { addSpecialTokens: false });
  assert.equal(await page.locator('#plot rect.place').count(), tokens.length);
  await picture(page, 'serve');
});

test('another answer is marked when it is chosen; a token tells its scores', async () => {
  const second = page.locator('#answers button').nth(1);
  await second.click();
  const text = (await second.textContent())!.replace(/ · [\d.]+ %$/, '');
  assert.equal(await page.textContent('#marked mark'), text);
  await page.locator('#plot rect.place').first().hover();
  assert.match((await page.textContent('#token'))!, /^Ada: start [\d.]+ %, end [\d.]+ %$/);
});

test('what the server refuses is said', async () => {
  await page.fill('#question', 'x'.repeat(2001));
  await page.click('#form button');
  await page.waitForSelector('#status.error');
  assert.match((await page.textContent('#status'))!, /question: it is longer than 2000 characters/);
  // Chromium's own line about the refused request is the only one
  assert.deepEqual(
    complaints.filter((line) => !line.includes('400')),
    [],
  );
});
