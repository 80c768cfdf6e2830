// The notebook kernel: tslab's converter and executor, with the messages that tslab leaves out.
import { inspect } from 'node:util';
import { toFailure } from './failure';
import { toBundle } from './rich';
import type { Message } from './tslab';
import { createConverters, createExecutor, JupyterHandlerImpl, ZmqServer } from './tslab';

/** The request that a cell came with, and what the cell has reported so far. */
class Cell {
  readonly failures: unknown[][] = [];
  readonly interrupt = new AbortController();
  result: unknown;

  constructor(readonly message?: Message) {}
}
let cell = new Cell();

/** Requests in flight by their content, which is all that tslab hands on. */
const messages = new WeakMap<object, Message>();

/** Says which cell runs, what it gave and why it failed: without these messages runners pass notebooks that throw. */
class Handler extends JupyterHandlerImpl {
  server?: Server;

  override async handleExecute(
    ...args: Parameters<JupyterHandlerImpl['handleExecute']>
  ): Promise<Record<string, unknown>> {
    const content = await super.handleExecute(...args);
    if (content.status === 'abort') return { status: 'aborted', execution_count: this.execCount };
    if (content.status !== 'error') return { ...content, payload: [], user_expressions: {} };
    const failure = toFailure(cell.failures);
    this.server?.publish(messages.get(args[0] as object)!, 'error', { ...failure });
    return { ...content, ...failure };
  }

  override async handleExecuteImpl(...args: Parameters<JupyterHandlerImpl['handleExecuteImpl']>): Promise<unknown> {
    cell = new Cell(messages.get(args[0] as object));
    const { code } = cell.message!.content;
    this.server?.publish(cell.message!, 'execute_input', { code, execution_count: this.execCount + 1 });
    const count = await super.handleExecuteImpl(...args);
    if (cell.result !== undefined) {
      const result = { execution_count: this.execCount, data: await toBundle(cell.result), metadata: {} };
      this.server?.publish(cell.message!, 'execute_result', result);
    }
    return count;
  }
}

class Server extends ZmqServer {
  override handleExecute(socket: unknown, message: Message): Promise<void> {
    messages.set(message.content, message);
    return super.handleExecute(socket, message);
  }

  publish(parent: Message, type: string, content: Record<string, unknown>): void {
    const reply = parent.createReply();
    reply.header.msg_type = type;
    reply.content = content;
    reply.signAndSend(this.connInfo.key, this.iopub);
  }
}

/** Starts the kernel on the connection file that Jupyter wrote. */
export function startKernel(configPath: string): void {
  const executor = createExecutor(process.cwd(), createConverters(), {
    log: (value) => (cell.result = value),
    error: (...parts) => cell.failures.push(parts),
  });
  // a loop of ours looks at this signal between two steps and ends in good order
  Object.defineProperty(globalThis, 'interruptSignal', { get: () => cell.interrupt.signal, configurable: true });
  process.on('SIGINT', () => {
    cell.interrupt.abort();
    executor.interrupt();
  });
  process.on('uncaughtException', (error) => process.stderr.write(`UncaughtException: ${inspect(error)}\n`));
  process.on('unhandledRejection', (reason) => process.stderr.write(`UnhandledPromiseRejection: ${inspect(reason)}\n`));
  const handler = new Handler(executor, false);
  handler.server = new Server(handler, configPath);
  void handler.server.init();
}
