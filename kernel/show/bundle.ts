// How a value is shown: in several forms by MIME type, of which a front end takes the best it knows.
import { inspect } from 'node:util';
import { readableStacks } from '../failure/stacks';
import { renderError } from './error';
import { isFigure, isNearlyFigure, renderFigure, renderNearlyFigure } from './figure';
import { isCanvas, isElement, renderCanvas, renderElement } from './dom';
import { type Bundle, DISPLAY, textOf } from './forms';
import { isFrame, renderFrame } from './frame';
import { isImage, renderImage } from './image';
import { plainJson } from './json';
import { isPromise, renderPromise } from './promise';
import { inspectTensors, isTensor, renderTensor } from './tensor';
import { isVega, renderVega } from './vega';

/** A type that is not ours to change, and how it is shown. */
export interface Renderer<T> {
  matches(value: unknown): value is T;
  render(value: T): Bundle | Promise<Bundle>;
}

/** How much is told of what is no bundle. */
const MAX_GIVEN = 100;

/** Told by their shape: several copies of a library are one to us. The last one registered is asked first. */
const renderers: Renderer<never>[] = [];

/** Says how a type is shown. Registering the same name again replaces what was there. */
export function registerDisplay<T>(matches: (value: unknown) => value is T, render: Renderer<T>['render']): void {
  renderers.unshift({ matches, render } as unknown as Renderer<never>);
}

registerDisplay(isImage, renderImage);
registerDisplay(isCanvas, renderCanvas);
registerDisplay(isElement, renderElement);
registerDisplay(isVega, renderVega);
registerDisplay(isNearlyFigure, (value) => renderNearlyFigure(value, plain));
registerDisplay(isFigure, renderFigure);
registerDisplay(isTensor, renderTensor);
registerDisplay(isFrame, renderFrame);
registerDisplay(isPromise, renderPromise);
registerDisplay((value): value is Error => value instanceof Error, renderError);

/** The forms of `value`, plain text always among them; a promise only where the value itself answers with one. */
export function toBundle(value: unknown): Bundle | Promise<Bundle> {
  const own = ownBundle(value);
  return own instanceof Promise ? own.then((bundle) => finished(value, bundle)) : finished(value, own);
}

function finished(value: unknown, own: Bundle | undefined): Bundle | Promise<Bundle> {
  if (own) return complete(own, () => textOf(own) ?? plain(value));
  const rendered = registeredBundle(value) ?? {};
  const finish = (bundle: Bundle) => complete(bundle, () => plain(value));
  return rendered instanceof Promise ? rendered.then(finish) : finish(rendered);
}

/** What a value says itself, by the open convention or by its older form. */
function ownBundle(value: unknown): Bundle | Promise<Bundle | undefined> | undefined {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined;
  const { [DISPLAY]: display, toJupyter } = value as Record<string | symbol, unknown>;
  const own = [display, toJupyter].find((method) => typeof method === 'function') as (() => unknown) | undefined;
  const bundle = own?.call(value);
  return bundle instanceof Promise ? bundle.then(checked) : checked(bundle);
}

/** What a hook gives; by nothing it leaves it to others to show its value. */
function checked(bundle: unknown): Bundle | undefined {
  if (bundle === undefined || bundle === null) return undefined;
  if (typeof bundle === 'object' && !Array.isArray(bundle)) return bundle as Bundle;
  const given = plain(bundle);
  const shown = given.length > MAX_GIVEN ? `${given.slice(0, MAX_GIVEN)}…` : given;
  throw new TypeError(
    `a display hook gave ${shown}; give an object of forms by MIME type, as in { 'text/html': '<b>bold</b>' }`,
  );
}

function registeredBundle(value: unknown): Bundle | Promise<Bundle> | undefined {
  return renderers.find((renderer) => renderer.matches(value))?.render(value as never);
}

function complete(bundle: Bundle, text: () => string): Bundle {
  const forms = 'text/plain' in bundle ? bundle : { ...bundle, 'text/plain': text() };
  return Object.fromEntries(Object.entries(forms).map(([type, form]) => [type, plainJson(form)]));
}

/** A value as text: a string as it is, anything else as Node shows it. */
export function plain(value: unknown): string {
  inspectTensors();
  if (typeof value === 'string') return value;
  return readableStacks(inspect(value, { depth: 3, maxArrayLength: 20, maxStringLength: 2000 }));
}
