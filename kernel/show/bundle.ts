// How a value is shown: in several forms by MIME type, of which a front end takes the best it knows.
import { inspect } from 'node:util';
import { renderError } from './error';
import { isFigure, renderFigure } from './figure';
import type { Bundle } from './forms';
import { isFrame, renderFrame } from './frame';
import { isImage, renderImage } from './image';
import { plainJson } from './json';
import { isPromise, renderPromise } from './promise';
import { isTensor, renderTensor } from './tensor';

/** The open convention (Deno's kernel has it, too) by which a value says how it is shown. */
export const DISPLAY = Symbol.for('Jupyter.display');

/** A type that is not ours to change, and how it is shown. */
export interface Renderer<T> {
  matches(value: unknown): value is T;
  render(value: T): Bundle | Promise<Bundle>;
}

/** Told by their shape: several copies of a library are one to us. The last one registered is asked first. */
const renderers: Renderer<never>[] = [];

/** Says how a type is shown. Registering the same name again replaces what was there. */
export function registerDisplay<T>(matches: (value: unknown) => value is T, render: Renderer<T>['render']): void {
  renderers.unshift({ matches, render } as unknown as Renderer<never>);
}

registerDisplay(isImage, renderImage);
registerDisplay(isFigure, renderFigure);
registerDisplay(isTensor, renderTensor);
registerDisplay(isFrame, renderFrame);
registerDisplay(isPromise, renderPromise);
registerDisplay((value): value is Error => value instanceof Error, renderError);

/** The forms of `value`, plain text always among them; a promise only where the value itself answers with one. */
export function toBundle(value: unknown): Bundle | Promise<Bundle> {
  const rendered = ownBundle(value) ?? registeredBundle(value) ?? {};
  return rendered instanceof Promise ? rendered.then((bundle) => complete(bundle, value)) : complete(rendered, value);
}

function ownBundle(value: unknown): Bundle | Promise<Bundle> | undefined {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined;
  const own = (value as Record<symbol, unknown>)[DISPLAY];
  return typeof own === 'function' ? (own.call(value) as Bundle | Promise<Bundle>) : undefined;
}

function registeredBundle(value: unknown): Bundle | Promise<Bundle> | undefined {
  return renderers.find((renderer) => renderer.matches(value))?.render(value as never);
}

function complete(bundle: Bundle, value: unknown): Bundle {
  const forms = 'text/plain' in bundle ? bundle : { ...bundle, 'text/plain': plain(value) };
  return Object.fromEntries(Object.entries(forms).map(([type, form]) => [type, plainJson(form)]));
}

/** A value as text: a string as it is, anything else as Node shows it. */
export function plain(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, { depth: 3, maxArrayLength: 20, maxStringLength: 2000 });
}
