// A worker of wasm.browser.ts: the tiny model of the site's test, trained on as many threads as the page asks for.
import '../../site/node/globals';
import './wasm-files';
import * as tf from '@tensorflow/tfjs';
import { AdamW } from '../../src/engine/adamw';
import type { BackendChoice } from '../../src/engine/backend';
import { takeTally } from '../../src/engine/tally';
import { type WasmChoice, useWasm } from '../../src/engine/wasm';
import { parseConfig } from '../../src/model/config';
import { QuestionAnsweringModel } from '../../src/model/question-answering';
import { trainTiny } from '../site/tiny';

/** What the page is told: where it was computed, by whom, and the losses. */
export interface PageResult {
  choice: WasmChoice;
  backend: string;
  operations: string[];
  losses: number[];
  isolated: boolean;
}

async function train(threads: number): Promise<PageResult> {
  const choice = await useWasm({ threads });
  const chooseBackend = () => Promise.resolve({ name: 'wasm', version: '', skipped: [] } satisfies BackendChoice);
  const text = await trainTiny({ chooseBackend, AdamW, parseConfig, QuestionAnsweringModel, tf }, 0);
  const losses = text.split(' ').slice(1).map(Number);
  return {
    choice,
    backend: tf.getBackend(),
    operations: Object.keys(takeTally()),
    losses,
    isolated: crossOriginIsolated,
  };
}

self.onmessage = ({ data }: MessageEvent<number>) => {
  train(data).then(
    (result) => self.postMessage({ result }),
    (error: unknown) => self.postMessage({ error: (error as Error).stack }),
  );
};
