// The published page in a real browser, with a static server and no other host: our answers, marked in the text.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import test, { after, before, describe } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type AskedAnswer, ask } from '../../src/evaluation/answer';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { writeWebPage } from '../../src/publish/web';
import { serveSite } from '../../src/serve/site';
import { Tokenizer } from '../../src/tokens/tokenizer';
import { assertAccessible } from '../browser/accessible';
import { picture, startBrowser } from '../browser/chromium';
import { CONTEXT, decidedModel, QUESTIONS, removeModel } from './small-model';

let [browser, folder, model, tokenizer] = [] as unknown as [Browser, string, QuestionAnsweringModel, Tokenizer];
const servers: http.Server[] = [];

before(async () => {
  [browser, folder] = await Promise.all([startBrowser(), decidedModel()]);
  [model, tokenizer] = [QuestionAnsweringModel.fromPretrained(folder), await Tokenizer.fromFolder(folder)];
});
after(async () => {
  await browser?.close();
  for (const server of servers) server.close();
  removeModel(folder);
});

/** Serves a folder with the page in `sites`, as many hosts do, and without the headers that few of them send. @returns the page's address */
async function serve(root: string): Promise<string> {
  const server = await serveSite(root, { isolated: false });
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/sites/`;
}

/** Publishes, serves and opens the page; `foreign` fills with all that it asks other hosts for, `complaints` with errors. */
async function openPage(dtype: string, colorScheme: 'light' | 'dark' = 'light') {
  const root = path.join(path.dirname(folder), `site-${dtype}-${colorScheme}`);
  const out = path.join(root, 'sites');
  await writeWebPage(model, folder, out, { name: 'small <b>&', dtype });
  const url = await serve(root);
  const context = await browser.newContext({ colorScheme, viewport: { width: 390, height: 844 } });
  const [foreign, complaints]: string[][] = [[], []];
  await context.route('**/*', (route) => {
    const isOurs = route.request().url().startsWith(url);
    if (!isOurs) foreign.push(route.request().url());
    return isOurs ? route.continue() : route.abort();
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  await page.goto(url);
  await page.waitForSelector('#ask:not([disabled])');
  return { page, out, foreign, complaints };
}

async function askPage(page: Page, question: string, context?: string): Promise<void> {
  if (context !== undefined) await page.fill('#text', context);
  await page.fill('#question', question);
  await page.evaluate(() => void (document.getElementById('status')!.textContent = ''));
  await page.press('#question', 'Enter');
  await page.waitForFunction(() => /^Answer/.test(document.getElementById('status')!.textContent!));
}

/** What the page lists, as `spanlab ask` has it. */
const listed = (page: Page) => page.locator('#answers button').allTextContents();
const line = ({ answer, score }: AskedAnswer) =>
  `${answer || '(no answer)'} · ${(100 * Math.min(1, score)).toFixed(1)} %`;
const ours = (question: string, context: string, handleImpossibleAnswer = false) =>
  ask(model, tokenizer, question, context, { topK: 5, handleImpossibleAnswer });

const LONG = Array.from({ length: 40 }, (_, i) => `In room ${i} stood ${'a chair, '.repeat(1 + (i % 7))}and the 🎉 door was nr. ${i * i}.`).join(' '); // prettier-ignore

describe('in float32', () => {
  let opened: Awaited<ReturnType<typeof openPage>>;
  before(async () => (opened = await openPage('fp32')));

  test('our answers with our scores, the best one marked in the text, which is never markup', async () => {
    const { page } = opened;
    for (const question of QUESTIONS) {
      const answers = await ours(question, CONTEXT);
      await askPage(page, question, CONTEXT);
      assert.deepEqual(await listed(page), answers.map(line));
      assert.equal(await page.textContent('#marked'), CONTEXT);
      assert.equal(await page.textContent('#marked mark'), answers[0].answer);
      assert.equal(await page.textContent('#status'), `Answer: ${line(answers[0])}`);
    }
    assert.equal(await page.textContent('h1'), 'Ask small <b>&');
    assert.equal(await page.inputValue('#passage'), '3', 'a text that is typed in is one’s own');
    await picture(page, 'publish-web');
  });

  test('a text of many windows, with characters beyond sixteen bits', async () => {
    assert.ok((await tokenizer.encode(LONG)).length > 800);
    for (const question of ['Which number had the door of room 30?', 'Where stood a chair?']) {
      await askPage(opened.page, question, LONG);
      const answers = await ours(question, LONG);
      assert.deepEqual(await listed(opened.page), answers.map(line));
      assert.equal(await opened.page.textContent('#marked mark'), LONG.slice(answers[0].start, answers[0].end));
    }
  });

  test('another answer is marked when it is chosen, by keyboard too', async () => {
    const { page } = opened;
    await askPage(page, QUESTIONS[0], CONTEXT);
    const second = (await ours(QUESTIONS[0], CONTEXT))[1];
    await page.locator('#answers button').nth(1).focus();
    await page.keyboard.press('Enter');
    assert.equal(await page.textContent('#marked mark'), second.answer);
    assert.deepEqual(await page.locator('#answers button').evaluateAll((all) => all.map((one) => one.ariaPressed)), [
      'false',
      'true',
      'false',
      'false',
      'false',
    ]);
  });

  test('a passage and one of its questions, with a click each', async () => {
    const { page } = opened;
    await page.selectOption('#passage', '1');
    const text = await page.inputValue('#text');
    const example = page.locator('#examples button').first();
    const question = (await example.textContent())!;
    assert.equal(await page.inputValue('#question'), question); // "Ask" alone asks something
    await page.evaluate(() => void (document.getElementById('status')!.textContent = ''));
    await example.click();
    await page.waitForFunction(() => /^Answer/.test(document.getElementById('status')!.textContent!));
    assert.deepEqual(await listed(page), (await ours(question, text)).map(line));
  });

  test('with the text emptied, no answer about it stays', async () => {
    const { page } = opened;
    await askPage(page, QUESTIONS[0], CONTEXT);
    assert.equal(await page.isVisible('#result'), true);
    await page.fill('#text', '');
    await page.press('#question', 'Enter');
    assert.equal(await page.isVisible('#result'), false);
    assert.equal(await page.textContent('#status'), '');
  });

  test('what is wrong is said: a text without words', async () => {
    const { page } = opened;
    await page.fill('#text', ' \n ');
    await page.press('#question', 'Enter');
    await page.waitForSelector('#status.error');
    assert.match((await page.textContent('#status'))!, /^the text is empty/);
    assert.equal(await page.isVisible('#result'), false, 'no answer to another question stays');
  });

  test('no other host is asked, nothing fails, every control has a name, nothing is wider than a phone', async () => {
    const { page, foreign, complaints } = opened;
    assert.deepEqual([foreign, complaints], [[], []]);
    for (const name of ['Passage', 'Text', 'Question']) assert.equal(await page.getByLabel(name, { exact: true }).count(), 1); // prettier-ignore
    await assertAccessible(page);
  });
});

test('"no answer" of a model that has a threshold for it; in the dark', async () => {
  Object.assign(model.config, { nullThreshold: -20 });
  const { page, complaints } = await openPage('fp32', 'dark');
  assert.equal(await page.isChecked('#none'), true);
  await askPage(page, QUESTIONS[1], CONTEXT);
  const answers = await ask(model, tokenizer, QUESTIONS[1], CONTEXT, { topK: 5 });
  assert.deepEqual(await listed(page), answers.map(line));
  assert.equal(answers[0].answer, '');
  assert.match((await page.textContent('#verdict'))!, /no answer/);
  assert.equal(await page.locator('#marked mark').count(), 0);
  await picture(page, 'publish-web-dark');
  await assertAccessible(page);
  await page.uncheck('#none');
  await askPage(page, QUESTIONS[1], CONTEXT);
  assert.deepEqual(await listed(page), (await ours(QUESTIONS[1], CONTEXT)).map(line));
  assert.deepEqual(complaints, []);
  delete model.config.nullThreshold;
});

test('"no answer" has its row where it is allowed, also when five answers are better', async () => {
  fs.writeFileSync(path.join(folder, 'eval_results.json'), JSON.stringify({ NoAns_total: 20, NoAns_f1: 60 }));
  const { page } = await openPage('fp32');
  fs.rmSync(path.join(folder, 'eval_results.json'));
  assert.equal(await page.isChecked('#none'), true, 'it was measured to know such questions');
  await askPage(page, QUESTIONS[0], CONTEXT);
  const answers = await ours(QUESTIONS[0], CONTEXT, true);
  assert.ok(
    answers.every(({ answer }) => answer !== ''),
    'the model of this test has better answers',
  );
  const [last, ...others] = (await listed(page)).reverse();
  assert.deepEqual(others.reverse(), answers.map(line));
  assert.match(last, /^\(no answer\) · below [<\d.]+ %$/);
});

test('in eight bits: the same best answers, and a quarter to load', async () => {
  const { page, out, complaints } = await openPage('q8');
  for (const question of QUESTIONS) {
    await askPage(page, question, CONTEXT);
    assert.equal(await page.textContent('#marked mark'), (await ours(question, CONTEXT))[0].answer);
  }
  assert.deepEqual(complaints, []);
  const size = (site: string) => fs.statSync(path.join(site, 'model.onnx')).size;
  assert.ok(size(out) < 0.35 * size(out.replace('q8', 'fp32')));
});

test('a folder that was copied in part says what is missing', async () => {
  const root = path.join(path.dirname(folder), 'site-part');
  const out = path.join(root, 'sites');
  await writeWebPage(model, folder, out, { name: 'part' });
  fs.rmSync(path.join(out, 'model.onnx'));
  const url = await serve(root);
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForSelector('#status.error');
  assert.match((await page.textContent('#status'))!, /model\.onnx is missing \(404\): copy the whole folder/);
  assert.equal(await page.isDisabled('#ask'), true);
});
