// The kernel as an extension of JupyterLite: a container as module federation wants to find one. JupyterLite loads this script,
// hands it the modules that it shares, and asks for './extension'.
import type { Client, KernelOptions, Specs } from './kernel';
import { BrowserKernel } from './kernel';

type Shared = Record<string, Record<string, { get(): Promise<() => unknown> }> | undefined>;
type SignalClass = new (sender: unknown) => { connect(listener: () => void): boolean; emit(value: undefined): void };

/** As in jupyter-lite.json. */
const NAME = 'spanlab-kernel';
/** The folder of this script in the site. */
const SITE = new URL('../../', (document.currentScript as HTMLScriptElement).src).href;

/** The notebooks of the course name it, so that they open with this kernel as they are. */
const SPEC = {
  name: 'tslab',
  display_name: 'TypeScript (browser)',
  language: 'typescript',
  argv: [],
  resources: {},
};

let shared: Shared = {};
const containers = ((window as unknown as Record<string, unknown>)._JUPYTERLAB ??= {}) as Record<string, unknown>;
containers[NAME] = {
  init: (modules: Shared) => void (shared = modules),
  get: async () => {
    const { IKernelSpecs, IKernelClient } = (await take('@jupyterlite/services')) as Record<string, unknown>;
    const { Signal } = (await take('@lumino/signaling')) as { Signal: SignalClass };
    const running = new Map<string, BrowserKernel>();
    const create = (options: KernelOptions) => {
      const kernel = new BrowserKernel(options, SITE, (sender) => new Signal(sender));
      running.set(kernel.id, kernel);
      kernel.disposed.connect(() => running.delete(kernel.id));
      return Promise.resolve(kernel);
    };
    const kernels = {
      id: `${NAME}:kernel`,
      autoStart: true,
      requires: [IKernelSpecs],
      activate: (_app: unknown, specs: Specs) => specs.register({ spec: SPEC, create }),
    };
    const stop = {
      id: `${NAME}:stop`,
      autoStart: true,
      requires: [IKernelClient],
      activate: (_app: unknown, client: Client) => passStops(client, running),
    };
    return () => ({ __esModule: true, default: [kernels, stop] });
  },
};

/** JupyterLite's stop only takes queued cells away; here the kernel hears of it, too. */
function passStops(client: Client, running: Map<string, BrowserKernel>): void {
  const interrupt = client.interrupt.bind(client);
  client.interrupt = async (id) => {
    running.get(id)?.interrupt();
    await interrupt(id);
  };
}

async function take(name: string): Promise<unknown> {
  const [version] = Object.values(shared[name] ?? {});
  if (!version) throw new Error(`${NAME}: JupyterLite does not share ${name}`);
  return (await version.get())();
}
