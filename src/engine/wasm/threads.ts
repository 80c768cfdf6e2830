// The threads that help our kernels: workers that share WebAssembly's memory, in a browser or in Node.

/** What a thread needs to begin. */
export interface ThreadData {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  /** Where its stack begins, which grows downwards. */
  stack: number;
  /** Where its thread-local variables lie. */
  local: number;
}

export interface Thread {
  stop(): void;
}

/** Runs a program of JavaScript in a thread of its own, sends it `data`, and waits for its first message. */
export type StartThread = (program: string, data: ThreadData) => Promise<Thread>;

/** It is text so that no bundler and no web server needs to know of a further file. */
export const THREAD_PROGRAM = `
const port = typeof require === 'function' ? require('node:worker_threads').parentPort : self;
port.onmessage = ({ data }) => {
  const { exports } = new WebAssembly.Instance(data.module, { env: { memory: data.memory } });
  exports.__stack_pointer.value = data.stack;
  exports.__wasm_init_tls(data.local);
  port.postMessage('ready');
  exports.serve();
};`;

/** In a browser; the page's content security policy must allow `worker-src blob:`. */
export const startWebWorker: StartThread = (program, data) => {
  const address = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }));
  const worker = new Worker(address);
  return new Promise((resolve, reject) => {
    worker.onmessage = () => {
      URL.revokeObjectURL(address);
      resolve({ stop: () => worker.terminate() });
    };
    worker.onerror = ({ message }) => reject(new Error(`no worker for WebAssembly: ${message}`));
    worker.postMessage(data);
  });
};
