// The kernel's end of the sockets, which another thread holds.
import path from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { Content, Message } from './message';
import { answer } from './message';
import type { Channel, Incoming, Outgoing } from './thread';

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

  constructor(
    connectionFile: string,
    readonly stopFlags: Int32Array,
  ) {
    this.worker = new Worker(path.join(__dirname, '..', 'launch.cjs'), { workerData: { connectionFile, stopFlags } });
    this.worker.on('error', (error) => {
      process.stderr.write(`kernel: the sockets are lost: ${error.message}\n`);
      process.exit(1);
    });
    const { port1, port2 } = new MessageChannel();
    this.answers = port1;
    this.worker.postMessage({ answers: port2 } satisfies Outgoing, [port2]);
  }

  /** Calls `use` for every request on the shell channel, in their order, and `stop` when the stop button is pressed. */
  listen(use: (request: Message) => void, stop: () => void): void {
    this.worker.on('message', (note: Incoming) => {
      if ('exit' in note) process.exit(0);
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

  private send(channel: Channel, message: Message): void {
    this.worker.postMessage({ channel, message } satisfies Outgoing);
  }
}
