// A kernel as JupyterLite knows one; it runs in a worker, and this hands Jupyter's messages to and fro.
import type { PageFile, PageMessage, ToPage, ToWorker } from '../kernel/protocol';
import { mayShareMemory } from '../kernel/shared';
import { askToStop, createStopFlags, tellNews } from '../../kernel/wire/stop';

/** The parts of JupyterLite's interfaces that are used here. */
export interface KernelOptions {
  id: string;
  name: string;
  location: string;
  sendMessage(message: PageMessage): void;
}
export interface Specs {
  register(kernel: { spec: object; create(options: KernelOptions): Promise<BrowserKernel> }): void;
}
export interface Client {
  interrupt(id: string): Promise<void>;
}
interface Signal {
  connect(listener: () => void): boolean;
  emit(value: undefined): void;
}

/** The longest answer to a question of a cell (bytes). */
const MAX_ANSWER = 65_536;

export class BrowserKernel {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly ready: Promise<void>;
  readonly disposed: Signal;
  isDisposed = false;
  private readonly send: KernelOptions['sendMessage'];
  private readonly worker: Worker;
  private readonly flags: Int32Array;
  private readonly answers?: Int32Array;
  /** What waits for the end of a request, by its id. */
  private readonly waiting = new Map<string, () => void>();

  constructor({ id, name, location, sendMessage }: KernelOptions, site: string, signal: (sender: unknown) => Signal) {
    Object.assign(this, { id, name, location });
    this.id = id;
    this.name = name;
    this.location = location;
    this.send = sendMessage;
    this.disposed = signal(this);
    const isShared = mayShareMemory();
    this.flags = isShared ? createStopFlags() : new Int32Array(createStopFlagsLength);
    if (isShared) this.answers = new Int32Array(new SharedArrayBuffer(4 + MAX_ANSWER));
    this.worker = new Worker(`${site}vm/kernel.js`, { type: 'module', name: 'kernel' });
    this.ready = new Promise((resolve, reject) => {
      this.worker.onerror = ({ message }) => reject(new Error(`the kernel did not start: ${message}`));
      this.worker.onmessage = ({ data }: MessageEvent<ToPage>) => {
        if ('ready' in data) resolve();
        else if ('failed' in data) reject(new Error(`the kernel did not start: ${data.failed}`));
        else this.pass(data.message);
      };
    });
    // JupyterLite shows it when it waits for the kernel; until then nobody does
    this.ready.catch(() => undefined);
    this.post({ start: { site, flags: this.flags, answers: this.answers } });
  }

  /** Takes a message of a front end; resolved when it has been answered. */
  async handleMessage(message: PageMessage): Promise<void> {
    if (message.header.msg_type === 'input_reply') return this.answer(String(message.content.value));
    const isOver = new Promise<void>((resolve) => this.waiting.set(message.header.msg_id, resolve));
    const { channel, header, parent_header, metadata, content, buffers } = message;
    this.post({ message: { channel, header, parent_header, metadata, content, buffers: [...(buffers ?? [])] } });
    await isOver;
  }

  /** The stop button. */
  interrupt(): void {
    if (mayShareMemory()) askToStop(this.flags);
    this.post({ stop: true });
  }

  /** Files of JupyterLite that are new, or gone. */
  takeFiles(files: PageFile[]): void {
    if (files.length > 0) this.post({ files });
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.worker.terminate();
    for (const end of this.waiting.values()) end();
    this.disposed.emit(undefined);
  }

  private pass(message: PageMessage): void {
    this.send(message);
    const { header, parent_header: parent, content } = message;
    if (header.msg_type !== 'status' || content.execution_state !== 'idle' || !parent.msg_id) return;
    this.waiting.get(parent.msg_id)?.();
    this.waiting.delete(parent.msg_id);
  }

  /** Into the memory that a waiting worker looks at, which hears no message. */
  private answer(text: string): void {
    if (!this.answers) return;
    const bytes = new TextEncoder().encode(text).slice(0, MAX_ANSWER);
    new Uint8Array(this.answers.buffer, 4).set(bytes);
    Atomics.store(this.answers, 0, bytes.length);
    tellNews(this.flags);
  }

  private post(message: ToWorker): void {
    this.worker.postMessage(message);
  }
}

/** As many flags as there are shared ones. */
const createStopFlagsLength = 7;
