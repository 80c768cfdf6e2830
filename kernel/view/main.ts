// What JupyterLab draws our plots and tables with: a prebuilt extension, as module federation wants to find one.
// JupyterLab loads this script, hands it the modules that it shares, and asks for './mimeExtension'.
import { drawPlot, forgetPlot } from './plot';
import { drawTable } from './table';

/** The part of Lumino's Widget that is used here. */
interface Widget {
  readonly node: HTMLElement;
  dispose(): void;
}
type WidgetClass = new () => Widget;
type Shared = Record<string, Record<string, { get(): Promise<() => unknown> }>>;
interface Model {
  data: Record<string, unknown>;
}
type Draw = (node: HTMLElement, value: unknown) => Promise<void> | void;

/** As in package.json, which the set-up writes beside the bundle. */
const NAME = 'spanlab-view';
let shared: Shared = {};

/** JupyterLab leaves no room below a folded answer; the text that follows would seem to belong to it. */
const STYLE = '.jp-RenderedMarkdown details { margin-bottom: 1em; }';
const style = document.createElement('style');
style.textContent = STYLE;
document.head.append(style);

const containers = ((window as unknown as Record<string, unknown>)._JUPYTERLAB ??= {}) as Record<string, unknown>;
containers[NAME] = {
  init: (modules: Shared) => void (shared = modules),
  get: async () => {
    const [version] = Object.values(shared['@lumino/widgets'] ?? {});
    const { Widget } = (await version.get())() as { Widget: WidgetClass };
    const extensions = [
      extension(Widget, 'application/vnd.plotly.v1+json', 0, drawPlot, forgetPlot),
      extension(Widget, 'application/vnd.spanlab.table+json', 1, drawTable),
    ];
    return () => ({ __esModule: true, default: extensions });
  },
};

/**
 * A renderer of one MIME type. It is safe in JupyterLab's sense: values become text and drawings, never markup or script, so
 * it also draws what a notebook of somebody else holds.
 */
function extension(Widget: WidgetClass, type: string, rank: number, draw: Draw, forget?: (node: HTMLElement) => void) {
  class Renderer extends Widget {
    renderModel(model: Model): Promise<void> {
      return Promise.resolve(draw(this.node, model.data[type]));
    }
    override dispose(): void {
      forget?.(this.node);
      super.dispose();
    }
  }
  const rendererFactory = { safe: true, mimeTypes: [type], createRenderer: () => new Renderer() };
  return { id: `${NAME}:${type}`, rendererFactory, rank, dataType: 'json' };
}
