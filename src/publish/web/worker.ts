// The page's worker: fetches the model once, then answers with the code of `spanlab ask`, so that the page stays alive.
import { env, InferenceSession } from 'onnxruntime-web';
import { askScorer } from '../../evaluation/ask';
import type { TokenizerJson } from '../../tokens/tokenizer-json';
import type { PageSettings, Question, Report } from './messages';
import { PageModel } from './scores';
import { PageTokenizer } from './tokenizer';

const ANSWERS = 5;
const place = (name: string) => new URL(name, self.location.href).href;
const report = (message: Report) => (self as unknown as { postMessage(message: Report): void }).postMessage(message);

async function open(): Promise<{ model: PageModel; tokenizer: PageTokenizer }> {
  const settings = (await (await get('page.json')).json()) as PageSettings;
  env.wasm.wasmPaths = { wasm: place('ort-wasm-simd-threaded.wasm') };
  const tokenizer = new PageTokenizer((await (await get('tokenizer.json')).json()) as TokenizerJson);
  const session = await InferenceSession.create(await fetchModel(settings.bytes));
  report({ kind: 'ready', knowsNone: settings.knowsNone });
  return { model: new PageModel(settings, session), tokenizer };
}

async function get(name: string): Promise<Response> {
  const response = await fetch(place(name));
  if (!response.ok) throw new Error(`${name} is missing (${response.status}): copy the whole folder`);
  return response;
}

/** The bytes of `model.onnx`, told as they come. */
async function fetchModel(total: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(total);
  const reader = (await get('model.onnx')).body!.getReader();
  let at = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (at + part.value.length > total) break;
    bytes.set(part.value, at);
    at += part.value.length;
    report({ kind: 'loading', bytes: at, total });
  }
  if (at !== total) throw new Error('model.onnx does not belong to this page: publish it again');
  return bytes;
}

const opened = open();
opened.catch(({ message }: Error) => report({ kind: 'error', message }));

self.onmessage = async ({ data }: MessageEvent<Question>) => {
  const { id, question, context, mayBeNone: handleImpossibleAnswer } = data;
  try {
    const { model, tokenizer } = await opened;
    model.onWindow = (windows, total) => report({ kind: 'reading', id, windows, total });
    const [answers] = await askScorer(model, tokenizer, [question], context, { topK: ANSWERS, handleImpossibleAnswer });
    report({ kind: 'answers', id, answers });
  } catch (error) {
    report({ kind: 'error', id, message: (error as Error).message });
  }
};
