// A document where there is no browser: what Observable Plot and d3 draw in.
import type { JSDOM } from 'jsdom';

let dom: JSDOM | undefined;

/**
 * The document, made when it is first asked for. It is no global, because libraries take a global `document` for a browser.
 *
 * @example Plot.plot({ document: display.document, marks: [Plot.dot(rows, { x: 'step', y: 'loss' })] })
 */
export function serverDocument(): Document {
  if (!dom) {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a second of loading, only for cells that draw
    const { JSDOM: Dom } = require('jsdom') as typeof import('jsdom');
    dom = new Dom('<!doctype html><title>notebook</title>', { pretendToBeVisual: true });
  }
  return dom.window.document;
}
