// The parts of tslab that the kernel is put together from, with the types that tslab does not export.
/* eslint-disable @typescript-eslint/no-require-imports -- tslab has no public entry to its parts; it is pinned exactly */

export interface Executor {
  execute(source: string): Promise<boolean>;
  interrupt(): void;
  close(): void;
}
interface Converters {
  node: unknown;
  browser: unknown;
  close(): void;
}
/** Where the executor says what a cell gave and why it failed; nothing else writes to it. */
export interface Reporter {
  log(value: unknown): void;
  error(...parts: unknown[]): void;
}
export interface Message {
  header: { msg_type: string };
  content: Record<string, unknown>;
  createReply(): Message;
  signAndSend(key: string, socket: unknown): void;
}
type WriteStream = (name: string, text: string) => void;
type WriteDisplay = (data: unknown, update: boolean) => void;
export interface Handler {
  execCount: number;
  handleExecute(request: unknown, stream: WriteStream, display: WriteDisplay): Promise<Record<string, unknown>>;
  handleExecuteImpl(request: unknown, stream: WriteStream, display: WriteDisplay): Promise<unknown>;
}
export interface Server {
  handler: Handler;
  connInfo: { key: string };
  iopub: unknown;
  init(): Promise<void>;
  handleExecute(socket: unknown, message: Message): Promise<void>;
}

const { createConverter } = require('tslab/dist/converter') as {
  createConverter(options: { isJS: boolean; isBrowser: boolean }): { close(): void };
};
export const { createExecutor } = require('tslab/dist/executor') as {
  createExecutor(root: string, converters: Converters, reporter: Reporter): Executor;
};
const jupyter = require('tslab/dist/jupyter') as {
  ZmqServer: new (handler: Handler, configPath: string) => Server;
  JupyterHandlerImpl: new (executor: Executor, isJs: boolean) => Handler;
};
export const { ZmqServer, JupyterHandlerImpl } = jupyter;
export type JupyterHandlerImpl = Handler;

/** The converter of TypeScript cells; that of browser cells is made only when asked for. */
export function createConverters(): Converters {
  const node = createConverter({ isJS: false, isBrowser: false });
  let browser: ReturnType<typeof createConverter> | undefined;
  return {
    node,
    get browser() {
      return (browser ??= createConverter({ isJS: false, isBrowser: true }));
    },
    close: () => [node, browser].forEach((converter) => converter?.close()),
  };
}
