// Elements of a document: drawings of Observable Plot or d3, and HTML.
import type { Bundle } from './forms';

/** What is asked of an element, whatever library it is from. */
interface ElementLike {
  nodeType: number;
  localName: string;
  namespaceURI?: string | null;
  outerHTML: string;
  textContent: string | null;
  ownerDocument?: { defaultView?: { XMLSerializer?: new () => { serializeToString(node: unknown): string } } | null };
}

const ELEMENT_NODE = 1;
const SVG = 'http://www.w3.org/2000/svg';
const MAX_TEXT = 200;

export function isElement(value: unknown): value is ElementLike {
  if (typeof value !== 'object' || value === null) return false;
  const { nodeType, outerHTML, localName } = value as Partial<ElementLike>;
  return nodeType === ELEMENT_NODE && typeof outerHTML === 'string' && typeof localName === 'string';
}

export function renderElement(element: ElementLike): Bundle {
  const words = (element.textContent ?? '').replace(/\s+/g, ' ').trim().slice(0, MAX_TEXT);
  if (element.localName === 'svg')
    return { 'image/svg+xml': standalone(element), 'text/plain': `(drawing) ${words}`.trim() };
  return { 'text/html': element.outerHTML, 'text/plain': words || `<${element.localName}>` };
}

/** A drawing as a file of its own: well-formed, and with its namespace, which HTML leaves out. */
function standalone(element: ElementLike): string {
  const Serializer = element.ownerDocument?.defaultView?.XMLSerializer;
  const text = Serializer ? new Serializer().serializeToString(element) : element.outerHTML;
  return /^<svg[^>]*\sxmlns=/.test(text) ? text : text.replace('<svg', `<svg xmlns="${SVG}"`);
}

/** A canvas, as the packages `canvas` and `@napi-rs/canvas` have it. */
interface CanvasLike {
  toDataURL(): string;
  width: number;
  height: number;
}

export function isCanvas(value: unknown): value is CanvasLike {
  if (typeof value !== 'object' || value === null) return false;
  const { toDataURL, width, height } = value as Partial<CanvasLike>;
  return typeof toDataURL === 'function' && typeof width === 'number' && typeof height === 'number';
}

export function renderCanvas(canvas: CanvasLike): Bundle {
  const [, type, bytes] = /^data:([^;]+);base64,(.*)$/s.exec(canvas.toDataURL()) ?? [];
  const text = `(canvas of ${canvas.width} × ${canvas.height})`;
  return type ? { [type]: bytes, 'text/plain': text } : { 'text/plain': text };
}
