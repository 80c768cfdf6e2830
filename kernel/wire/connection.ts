// The kernel's end of the sockets, which another thread holds.
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Content, Message } from './message';
import { answer } from './message';
import type { Incoming, Outgoing } from './thread';

/** Sends replies and outputs, and hands on what front ends ask. */
export class Connection {
  private readonly worker: Worker;

  constructor(connectionFile: string, stopFlags: Int32Array) {
    this.worker = new Worker(path.join(__dirname, '..', 'launch.cjs'), { workerData: { connectionFile, stopFlags } });
    this.worker.on('error', (error) => {
      process.stderr.write(`kernel: the sockets are lost: ${error.message}\n`);
      process.exit(1);
    });
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
  publish(request: Message | undefined, type: string, content: Content): void {
    this.send('iopub', { ...answer(request, type, content), identities: [Buffer.from(type)] });
  }

  private send(channel: Outgoing['channel'], message: Message): void {
    this.worker.postMessage({ channel, message } satisfies Outgoing);
  }
}
