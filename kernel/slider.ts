// A slider under a cell, by the messages of Jupyter's widgets (ipywidgets 8): other cells read its value.
import { AsyncResource } from 'node:async_hooks';
import type { Comm, Comms } from './comms';
import { type Bundle, DISPLAY } from './show/forms';
import type { Content } from './wire/message';

export interface SliderOptions {
  label?: string;
  min?: number;
  max?: number;
  step?: number;
  value?: number;
}

/** The version of the widgets' messages. */
const PROTOCOL = { metadata: { version: '2.1.0' } };
const VERSION = '2.0.0';

/** A part of a widget as the front end knows it; when a page that was loaded again asks for its state, it is told. */
function openModel(comms: Comms, kind: string, view: string, state: Content, take?: (state: Content) => void): Comm {
  const [module, model] = kind.split('/');
  const own: Content = {
    _model_module: `@jupyter-widgets/${module}`,
    _model_module_version: VERSION,
    _model_name: model,
    _view_module: `@jupyter-widgets/${view === 'StyleView' ? 'base' : module}`,
    _view_module_version: VERSION,
    _view_name: view,
  };
  const whole = () => ({ state: { ...own, ...state }, buffer_paths: [] });
  const comm = comms.start('jupyter.widget', whole(), PROTOCOL);
  comm.onMessage = ({ method, state: news }) => {
    if (method === 'update') take?.(news as Content);
    else if (method === 'request_state') comm.send({ method: 'update', ...whole() }, PROTOCOL);
  };
  return comm;
}

function within(value: number, min: number, max: number): number {
  if (typeof value !== 'number' || Number.isNaN(value))
    throw new TypeError(`a slider stands at a number, not at ${String(value)}`);
  return Math.min(max, Math.max(min, value));
}

export class Slider {
  private readonly comm: Comm;
  /** Its look, in comms of their own. */
  private readonly parts: Comm[];
  private readonly state: Content & { min: number; max: number; value: number };
  private readonly label: string;
  private listeners: ((value: number) => void)[] = [];

  constructor(comms: Comms, { label = '', min = 0, max = 100, step = 1, value: first = min }: SliderOptions) {
    if (!(min <= max)) throw new RangeError(`a slider from ${min} to ${max} has no place: min is at most max`);
    const value = within(first, min, max);
    this.label = label;
    const kind = [min, max, step, value].every(Number.isInteger) ? 'Int' : 'Float';
    const layout = openModel(comms, 'base/LayoutModel', 'LayoutView', {});
    const style = openModel(comms, 'controls/SliderStyleModel', 'StyleView', { description_width: '' });
    this.parts = [layout, style];
    this.state = {
      min,
      max,
      step,
      value,
      description: label,
      disabled: false,
      continuous_update: true,
      orientation: 'horizontal',
      readout: true,
      readout_format: kind === 'Int' ? 'd' : '.3g',
      behavior: 'drag-tap',
      layout: `IPY_MODEL_${layout.id}`,
      style: `IPY_MODEL_${style.id}`,
    };
    const take = (news: Content) => this.take(news);
    this.comm = openModel(comms, `controls/${kind}SliderModel`, `${kind}SliderView`, this.state, take);
  }

  /** Where the slider stands; setting it moves it, to its end where that comes first. */
  get value(): number {
    return this.state.value;
  }

  set value(wanted: number) {
    const value = within(wanted, this.state.min, this.state.max);
    this.state.value = value;
    this.comm.send({ method: 'update', state: { value }, buffer_paths: [] }, PROTOCOL);
    this.tell();
  }

  /** Calls `listener` with the value whenever it changes. */
  onChange(listener: (value: number) => void): this {
    this.listeners.push(AsyncResource.bind(listener));
    return this;
  }

  /** Takes the slider away, wherever it is shown. */
  close(): void {
    for (const comm of [this.comm, ...this.parts]) comm.close();
  }

  [DISPLAY](): Bundle {
    return {
      'application/vnd.jupyter.widget-view+json': { version_major: 2, version_minor: 0, model_id: this.comm.id },
      'text/plain': `${this.label || 'slider'}: ${this.value}`,
    };
  }

  private take({ value }: Content): void {
    if (typeof value !== 'number') return;
    this.state.value = value;
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener(this.value);
  }
}
