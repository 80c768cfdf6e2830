// The kernel as an extension of JupyterLite: a container as module federation wants to find one. JupyterLite loads this script,
// hands it the modules that it shares, and asks for './extension'.
import { type Contents, uploadedFiles, watchFiles } from './files';
import { isolate } from '../page/isolation';
import { type Client, type KernelOptions, type Specs, BrowserKernel } from './kernel';
import type { PageFile } from '../kernel/protocol';

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
    // whoever comes by the address of a notebook has threads, too
    await isolate(`${SITE}service-worker.js?enableCache=false`);
    const { IKernelSpecs, IKernelClient } = (await take('@jupyterlite/services')) as Record<string, unknown>;
    const { IContentsManager } = (await take('@jupyterlab/services')) as Record<string, unknown>;
    const { Signal } = (await take('@lumino/signaling')) as { Signal: SignalClass };
    const running = new Map<string, BrowserKernel>();
    let contents: Contents | undefined;
    const create = async (options: KernelOptions) => {
      const kernel = new BrowserKernel(options, SITE, (sender) => new Signal(sender));
      running.set(kernel.id, kernel);
      kernel.disposed.connect(() => running.delete(kernel.id));
      // a kernel that fails says so when it is waited for
      if (contents)
        await kernel.ready.then(async () => kernel.takeFiles(await uploads(contents!))).catch(() => undefined);
      return kernel;
    };
    const files = {
      id: `${NAME}:files`,
      autoStart: true,
      requires: [IContentsManager],
      activate: (_app: unknown, manager: Contents) => {
        contents = manager;
        watchFiles(manager, (changed) => running.forEach((kernel) => kernel.takeFiles(changed)));
      },
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
    return () => ({ __esModule: true, default: [kernels, stop, files] });
  },
};

/** Files of JupyterLite that the site did not come with. */
async function uploads(contents: Contents): Promise<PageFile[]> {
  const manifest = (await (await fetch(`${SITE}vm/manifest.json`)).json()) as { contents: string[] };
  return uploadedFiles(contents, new Set(manifest.contents));
}

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
