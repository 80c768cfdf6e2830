// The thread that holds the sockets: it hears a stop, a shutdown and the heartbeat while a cell keeps the kernel busy.
import fs from 'node:fs';
import inspector from 'node:inspector';
import type { MessagePort } from 'node:worker_threads';
import { Publisher, Reply, Router } from 'zeromq';
import { Inspector } from '../debug/cdp';
import { Debugger } from '../debug/debugger';
import type { CompiledFile } from '../debug/files';
import type { CompiledCell } from '../debug/scripts';
import { bind } from './bind';
import { Force } from './force';
import { kernelInfo, unknownRequest, usage } from './info';
import { type Content, type Message, answer, decode, encodeOrTell } from './message';
import { askToStop, beginToEnd, isHeard, isPolite, noteFileSeen, setDebugged, tellNews, waitsForChild } from './stop';
import { StreamGatherer } from './streams';
import { endTree, youngestChild } from './tree';

/** The file that Jupyter writes for a kernel to be reached by. */
interface ConnectionFile {
  transport: string;
  ip: string;
  key: string;
  shell_port: number;
  iopub_port: number;
  stdin_port: number;
  control_port: number;
  hb_port: number;
}

export type Channel = 'shell' | 'iopub' | 'stdin';

/** From the kernel to this thread: send it there; or, once, where the person's answers go; or a cell or a
 * file that is about to run, for the debugger. */
export type Outgoing =
  { channel: Channel; message: Message } | { answers: MessagePort } | { cell: CompiledCell } | { file: CompiledFile };

/** From this thread to the kernel. */
export type Incoming = { request: Message } | { prepared: string } | { stop: true } | { exit: true };

/** How long the answer to a shutdown is given to leave, and then the kernel to end. */
const SENDING_MS = 50;
const EXIT_MS = 1000;
/** How long sockets are given to close. */
const CLOSING_MS = 20;
/** How long the kernel may take to hear a stop before the code that keeps it busy is ended by force. */
const POLITENESS_MS = 100;
/** After this time a cell that has not heard of its stop is said to go on. */
const PATIENCE_MS = 3000;
// no limit: outputs that come faster than they are read are never dropped
const OPTIONS = { sendHighWaterMark: 0, linger: 500 };

/** Binds the five sockets and carries messages between them and the kernel. */
export async function serve(file: string, kernel: MessagePort, stopFlags: Int32Array): Promise<void> {
  const connection = JSON.parse(fs.readFileSync(file, 'utf8')) as ConnectionFile;
  const sockets = new Sockets(connection.key, kernel, stopFlags);
  await sockets.bind(connection);
  sockets.listen();
}

class Sockets {
  private readonly shell = new Router(OPTIONS);
  private readonly control = new Router(OPTIONS);
  private readonly stdin = new Router(OPTIONS);
  private readonly iopub = new Publisher(OPTIONS);
  private readonly heartbeat = new Reply(OPTIONS);
  private readonly sending = new Map<Router | Publisher, Promise<void>>();
  private readonly streams = new StreamGatherer((message) => this.send(this.iopub, message));
  private answers?: MessagePort;
  /** The input request that was sent last. */
  private question?: string;
  /** Reaches the kernel's thread while it is busy. */
  private readonly inspector = new inspector.Session();
  private readonly force: Force;
  private readonly debugger = new Debugger(
    new Inspector(this.inspector),
    (event) => this.sendEvent(event),
    (isActive) => setDebugged(this.stopFlags, isActive),
  );
  /** The request of the cell that runs. */
  private running?: Message['parent'];

  constructor(
    private readonly key: string,
    private readonly kernel: MessagePort,
    private readonly stopFlags: Int32Array,
  ) {
    this.force = new Force(this.inspector, stopFlags);
  }

  /** Binds the sockets, and reaches out for the kernel's thread. */
  async bind({ transport, ip, ...ports }: ConnectionFile): Promise<void> {
    const address = (port: number) => `${transport}://${ip}${transport === 'ipc' ? '-' : ':'}${port}`;
    await bind(this.shell, address(ports.shell_port));
    await bind(this.control, address(ports.control_port));
    await bind(this.stdin, address(ports.stdin_port));
    await bind(this.iopub, address(ports.iopub_port));
    await bind(this.heartbeat, address(ports.hb_port));
    this.inspector.connectToMainThread();
  }

  listen(): void {
    this.kernel.on('message', (note: Outgoing) => {
      if ('answers' in note) return void (this.answers = note.answers);
      if ('cell' in note) return void this.prepare(note.cell);
      if ('file' in note) return void this.prepareFile(note.file);
      const { channel, message } = note;
      if (channel === 'stdin') this.question = message.header.msg_id;
      if (message.header.msg_type === 'execute_input') this.running = message.parent;
      if (message.header.msg_type === 'execute_reply') this.cellEnds();
      if (message.header.msg_type === 'stream') return this.streams.take(message);
      this.streams.flush();
      this.send(this[channel], message);
    });
    void each(this.heartbeat, (frames) => void this.heartbeat.send(frames));
    void each(this.shell, (frames) => this.receive(frames, (request) => this.tell({ request })));
    void each(this.stdin, (frames) => this.receive(frames, (reply) => this.takeAnswer(reply)));
    void each(this.control, (frames) => this.receive(frames, (request) => void this.answerControl(request)));
  }

  /** Not every front end says what it answers; who does must not answer an earlier question. */
  private takeAnswer({ header, parent, content }: Message): void {
    if (header.msg_type !== 'input_reply' || (parent.msg_id && parent.msg_id !== this.question)) return;
    this.answers?.postMessage(String(content.value ?? ''));
    tellNews(this.stopFlags);
  }

  private cellEnds(): void {
    this.running = undefined;
    void this.debugger.watchAgain();
  }

  /** Tells the kernel when the debugger has seen a cell. */
  private async prepare(cell: CompiledCell): Promise<void> {
    try {
      await this.debugger.prepare(cell);
    } finally {
      this.tell({ prepared: cell.url });
    }
  }

  private async prepareFile(file: CompiledFile): Promise<void> {
    await this.debugger.prepareFile(file).catch(() => undefined);
    noteFileSeen(this.stopFlags);
  }

  private async answerControl(request: Message): Promise<void> {
    this.publish(request, 'status', { execution_state: 'busy' });
    const type = request.header.msg_type.replace('_request', '_reply');
    this.send(this.control, answer(request, type, await this.controlContent(request)));
    this.publish(request, 'status', { execution_state: 'idle' });
  }

  private controlContent(request: Message): Content | Promise<Content> {
    switch (request.header.msg_type) {
      case 'kernel_info_request':
        return kernelInfo();
      case 'usage_request':
        return usage();
      case 'debug_request':
        return this.debugger.answer(request.content);
      case 'interrupt_request':
        this.stopCell();
        return { status: 'ok' };
      case 'shutdown_request':
        return this.shutDown(request);
      default:
        return unknownRequest(request.header.msg_type);
    }
  }

  /** Tells the kernel; where code keeps it busy, ends that code; says so where nothing helps. */
  private stopCell(): void {
    const asked = askToStop(this.stopFlags);
    void this.debugger.release();
    this.tell({ stop: true });
    setTimeout(() => this.endByForce(asked), POLITENESS_MS);
    setTimeout(() => {
      if (!this.running || isHeard(this.stopFlags, asked)) return;
      const text =
        'the cell goes on: it computes without a pause. It stops at its next one; else restart the kernel.\n';
      const note = answer(undefined, 'stream', { name: 'stderr', text });
      this.send(this.iopub, { ...note, parent: this.running, identities: [Buffer.from('stream')] });
    }, PATIENCE_MS);
  }

  /** Ends the code that keeps the kernel busy, first the child that it waits for; while the kernel itself is busy, looks again. */
  private endByForce(asked: number, isFirst = true): void {
    const flags = this.stopFlags;
    if (isHeard(flags, asked) || isPolite(flags) || this.control.closed) return;
    const again = () => setTimeout(() => this.endByForce(asked, false), POLITENESS_MS);
    const child = waitsForChild(flags) ? youngestChild() : undefined;
    if (child !== undefined) endTree(child);
    // without its child the code may end by itself, and its end by force must not meet that
    if ((child !== undefined && isFirst) || !beginToEnd(flags)) return void again();
    this.force.terminate();
  }

  /** The kernel ends by itself, or, where a cell keeps it busy, by force. */
  private shutDown(request: Message): Content {
    const content = { status: 'ok', restart: request.content.restart === true };
    this.publish(request, 'shutdown_reply', content);
    setTimeout(() => {
      this.inspector.disconnect();
      for (const socket of [this.shell, this.control, this.stdin, this.iopub, this.heartbeat]) socket.close();
      // their last promises come to an end first: the end of the process in the midst of that is an abort of the zeromq package
      setTimeout(() => this.tell({ exit: true }), CLOSING_MS);
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), EXIT_MS);
    }, SENDING_MS);
    return content;
  }

  /** Something that the debugger tells. */
  private sendEvent(event: Content): void {
    const message = answer(undefined, 'debug_event', event);
    this.send(this.iopub, { ...message, parent: this.running ?? {}, identities: [Buffer.from('debug_event')] });
  }

  private publish(request: Message, type: string, content: Content): void {
    this.send(this.iopub, { ...answer(request, type, content), identities: [Buffer.from(type)] });
  }

  /** One message after the other: a socket that is sent to twice at a time can end the process. */
  private send(socket: Router | Publisher, message: Message): void {
    const frames = encodeOrTell(message, this.key);
    const before = this.sending.get(socket) ?? Promise.resolve();
    this.sending.set(
      socket,
      before.then(() => (socket.closed ? undefined : socket.send(frames))),
    );
  }

  private tell(note: Incoming): void {
    this.kernel.postMessage(note);
  }

  private receive(frames: Uint8Array[], use: (message: Message) => void): void {
    try {
      use(decode(frames, this.key));
    } catch (error) {
      process.stderr.write(`kernel: ignored ${(error as Error).message}\n`);
    }
  }
}

async function each(socket: AsyncIterable<Buffer[]>, use: (frames: Buffer[]) => void): Promise<void> {
  for await (const frames of socket) use(frames);
}
