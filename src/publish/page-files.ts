// The files that every published page shares: its scripts, its design, and ONNX Runtime for WebAssembly.
import fs from 'node:fs';
import path from 'node:path';
import { optionalPackage } from '../optional-package';
import { codeFile } from '../root';
import { bundlePage } from './web-bundle';

/** The design that all our pages share. */
const STYLE = codeFile('src', 'page', 'style.css');
const HTML = codeFile('src', 'publish', 'web', 'index.html');
/** Every server knows `.js`; to some `.mjs` is no program. */
const RUNTIME = { 'ort.js': 'ort.wasm.bundle.min.mjs', 'ort-wasm-simd-threaded.wasm': 'ort-wasm-simd-threaded.wasm' };

/**
 * Contents by name; in `index.html` NAME stands for that of the model.
 *
 * @throws SpanlabError `E_PACKAGE_MISSING` where ONNX Runtime is not installed
 * @example Object.keys(await pageFiles()) // index.html, style.css, page.js, worker.js, ort.js, ort-wasm-simd-threaded.wasm
 */
export async function pageFiles(): Promise<Record<string, string | Uint8Array>> {
  const runtime = path.dirname(optionalPackage('onnxruntime-web', 'the web page'));
  const copies = Object.entries(RUNTIME).map(([to, from]) => [to, fs.readFileSync(path.join(runtime, from))]);
  return {
    'index.html': fs.readFileSync(HTML),
    'style.css': fs.readFileSync(STYLE),
    ...(await bundlePage()),
    ...(Object.fromEntries(copies) as Record<string, Uint8Array>),
  };
}
