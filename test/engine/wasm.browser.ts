// Our WebAssembly in a worker of Chromium: on threads where the page is isolated from other origins, on one where it is not, with the
// losses of native TensorFlow with our kernels, dropout of the attention included.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test, { after, before } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import type { Browser } from 'playwright-core';
import { bundleForBrowsers } from '../../site/bundle';
import { serveSite } from '../../src/serve/site';
import { AdamW } from '../../src/engine/adamw';
import { chooseBackend } from '../../src/engine/backend';
import { operationsKind } from '../../src/engine/operations';
import { parseConfig } from '../../src/model/config';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { startBrowser } from '../browser/chromium';
import { trainTiny } from '../site/tiny';
import type { PageResult } from './wasm-page';

let [browser, folder] = [] as unknown as [Browser, string];
const seen: PageResult[] = [];

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'spanlab-wasm-'));
  await bundleForBrowsers(path.join(__dirname, 'wasm-page.ts'), path.join(folder, 'worker.js'));
  fs.writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>WebAssembly</title>');
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** What a worker of a page makes of it. */
async function trainInChromium(isolated: boolean, threads: number): Promise<PageResult> {
  const server = await serveSite(folder, { isolated });
  const page = await browser.newPage();
  try {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const { result, error } = await page.evaluate(
      (threads) =>
        new Promise<{ result?: PageResult; error?: string }>((resolve) => {
          const worker = new Worker('worker.js', { type: 'module' });
          worker.onmessage = ({ data }) => resolve(data as { result?: PageResult });
          worker.onerror = ({ message }) => resolve({ error: message });
          worker.postMessage(threads);
        }),
      threads,
    );
    assert.equal(error, undefined);
    seen.push(result!);
    return result!;
  } finally {
    await page.close();
    server.close();
  }
}

test('an isolated page: two threads', async () => {
  const { choice, ...rest } = await trainInChromium(true, 2);
  assert.deepEqual([choice.threads, choice.reason, rest.isolated], [2, undefined, true]);
  assert.match(choice.features, /SIMD$/);
});

test('a page that is not isolated: one thread, and the reason', async () => {
  const { choice, ...rest } = await trainInChromium(false, 2);
  assert.deepEqual([choice.threads, rest.isolated], [1, false]);
  assert.match(choice.reason!, /not cross-origin isolated/);
});

test('both computed with our kernels, the same, and what native TensorFlow computes with them', async () => {
  const native = async () => {
    const choice = await chooseBackend('tensorflow');
    assert.equal(operationsKind(), 'fused');
    return choice;
  };
  const text = await trainTiny({ chooseBackend: native, AdamW, parseConfig, QuestionAnsweringModel, tf }, 0);
  const [backend, ...expected] = text.split(' ');
  assert.equal(backend, 'tensorflow');
  assert.equal(seen.length, 2);
  assert.deepEqual(seen[0].losses, seen[1].losses);
  for (const { backend, operations, losses } of seen) {
    assert.equal(backend, 'wasm');
    assert.deepEqual(operations, ['fused.addNorm', 'fused.attend', 'fused.feedForward']);
    assert.equal(losses.length, 10);
    for (const [i, loss] of losses.entries()) {
      assert.ok(Math.abs(loss - Number(expected[i])) < 1e-4, `step ${i}: ${loss}, natively ${expected[i]}`);
    }
  }
});
