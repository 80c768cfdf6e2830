// The kernel's end of the sockets, which another thread holds.
import path from 'node:path';
import { type MessagePort, MessageChannel, Worker } from 'node:worker_threads';
import { endProcess } from '../cells/exit';
import type { CompiledFile } from '../debug/files';
import type { CompiledCell } from '../debug/scripts';
import { type Content, type Message, answer } from './message';
import { countFilesSeen, isDebugged } from './stop';
import type { Channel, Incoming, Outgoing } from './thread';

/** The longest that a file waits for the debugger. */
const FILE_MS = 2000;

/** What a message has beside its content. */
export interface Extra {
  metadata?: Content;
  buffers?: Uint8Array[];
}

/** Sends replies and outputs, and hands on what front ends ask. */
export class Connection {
  /** Where answers of the person arrive: a port of its own, because a kernel that waits for one reads nothing else. */
  readonly answers: MessagePort;
  private readonly worker: Worker;
  private prepared?: (url: string) => void;

  constructor(
    connectionFile: string,
    readonly stopFlags: Int32Array,
  ) {
    const argv = process.argv.slice(2);
    this.worker = new Worker(path.join(__dirname, '..', 'launch.cjs'), {
      argv,
      workerData: { connectionFile, stopFlags },
    });
    this.worker.on('error', (error) => {
      process.stderr.write(`kernel: the sockets are lost: ${error.message}\n`);
      endProcess(1);
    });
    const { port1, port2 } = new MessageChannel();
    this.answers = port1;
    this.worker.postMessage({ answers: port2 } satisfies Outgoing, [port2]);
  }

  /** Calls `use` for every request on the shell channel, in their order, and `stop` when the stop button is pressed. */
  listen(use: (request: Message) => void, stop: () => void): void {
    this.worker.on('message', (note: Incoming) => {
      if ('exit' in note) return endProcess(0);
      if ('prepared' in note) return void this.prepared?.(note.prepared);
      if ('stop' in note) stop();
      else use(note.request);
    });
  }

  reply(request: Message, content: Content, metadata: Content = {}): void {
    const type = request.header.msg_type.replace('_request', '_reply');
    this.send('shell', answer(request, type, content, metadata));
  }

  /** Sends an output, or a state, that belongs to `request`. */
  publish(request: Message | undefined, type: string, content: Content, { metadata, buffers = [] }: Extra = {}): void {
    this.send('iopub', { ...answer(request, type, content, metadata), identities: [Buffer.from(type)], buffers });
  }

  /** Asks the person at the front end that sent `request`; the answer arrives at {@link answers}. */
  ask(request: Message, prompt: string, password: boolean): void {
    this.send('stdin', answer(request, 'input_request', { prompt, password }));
  }

  /** Shows the debugger a cell before it runs, and waits until it has seen it. */
  async prepare(cell: CompiledCell): Promise<void> {
    const seen = new Promise<void>((resolve) => (this.prepared = (url) => url === cell.url && resolve()));
    this.worker.postMessage({ cell } satisfies Outgoing);
    if (isDebugged(this.stopFlags)) await seen;
  }

  /** Shows the debugger a file, and holds this thread up until it has seen it: V8 hears the debugger in a loop, and in no other wait. */
  prepareFile(file: CompiledFile): void {
    if (!isDebugged(this.stopFlags)) return;
    const seen = countFilesSeen(this.stopFlags);
    const end = Date.now() + FILE_MS;
    this.worker.postMessage({ file } satisfies Outgoing);
    while (countFilesSeen(this.stopFlags) === seen && Date.now() < end);
  }

  private send(channel: Channel, message: Message): void {
    this.worker.postMessage({ channel, message } satisfies Outgoing);
  }
}
