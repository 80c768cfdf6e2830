// A front end in a few lines: starts the kernel, talks to it over its sockets, and gathers what a cell shows.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Dealer, Subscriber } from 'zeromq';
import { type Content, type Message, decode, encode } from '../../kernel/wire/message';

export const ROOT = path.resolve(__dirname, '../..');

/** `SPANLAB_TEST_KERNEL=stock` shows which of these tests tslab fails as it comes. */
const IS_STOCK = process.env.SPANLAB_TEST_KERNEL === 'stock';
const STOCK = [path.join(ROOT, 'node_modules/tslab/bin/tslab'), 'kernel', '--config-path'];
const OURS = ['--no-force-async-hooks-checks', path.join(ROOT, 'kernel', 'launch.cjs')];

export interface Start {
  /** The notebook's folder; by default the kernel works at the project's root. */
  folder?: string;
  /** tslab as it comes. */
  isStock?: boolean;
  isJavaScript?: boolean;
  /** A file that the kernel and its threads load before anything else. */
  preload?: string;
  /** Of the sockets for requests, outputs, answers, control and heartbeat; by default free ones. */
  ports?: number[];
}

export interface Run {
  reply: Content & { status: string };
  /** Every message about the cell, its states included, in their order. */
  messages: { type: string; content: Content }[];
  stdout: string;
  stderr: string;
  /** The plain text of the last expression. */
  result?: string;
  errors: { ename: string; evalue: string; traceback: string[] }[];
}

/** A test file that takes too long is told to end: a kernel that it left busy would keep a processor, and the run, for ever. */
const running = new Set<ChildProcess>();
process.once('SIGTERM', () => {
  for (const child of running) child.kill('SIGKILL');
  process.exit(1);
});

type Listener = (message: Message, channel: string) => void;

export class Client {
  readonly heard: { type: string; content: Content; parent?: string }[] = [];
  private readonly listeners = new Set<Listener>();
  private readonly session = randomUUID();
  private readonly shell = new Dealer({ linger: 0 });
  private readonly control = new Dealer({ linger: 0 });
  private readonly stdin = new Dealer({ linger: 0 });
  private readonly iopub = new Subscriber({ linger: 0 });

  private constructor(
    readonly process: ChildProcess,
    private readonly key: string,
  ) {
    // by its identity the kernel finds the person at the front end that sent a cell
    this.shell.routingId = this.session;
    this.stdin.routingId = this.session;
  }

  /** What the person at this front end answers; by default a question stays open. */
  person: (prompt: string, question: string) => string | undefined = () => undefined;

  /** Starts the kernel and waits until it answers. */
  static async start({ folder: home, isStock = IS_STOCK, isJavaScript, preload, ports }: Start = {}): Promise<Client> {
    const names = ['shell', 'iopub', 'stdin', 'control', 'hb'];
    ports ??= await freePorts(names.length);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernel-test-'));
    const file = path.join(folder, 'connection.json');
    const key = randomUUID();
    const connection = Object.fromEntries(names.map((name, i) => [`${name}_port`, ports[i]]));
    const scheme = { signature_scheme: 'hmac-sha256', transport: 'tcp', ip: '127.0.0.1' };
    fs.writeFileSync(file, JSON.stringify({ ...connection, ...scheme, key }));
    const own = [...OURS, ...(home ? ['--in-place'] : []), ...(isJavaScript ? ['--js'] : [])];
    const child = spawn(process.execPath, [...(isStock ? STOCK : own), file], {
      cwd: home ?? (isStock ? ROOT : os.tmpdir()),
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: preload ? `--require=${preload}` : '' },
    });
    child.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
    running.add(child);
    child.once('exit', () => running.delete(child));
    const client = new Client(child, key);
    client.connect(ports);
    await client.untilReady();
    return client;
  }

  /** Executes a cell and gathers everything until it is over. */
  async run(code: string, options: Content = {}): Promise<Run> {
    return this.execute(code, options).done;
  }

  /** Sends a cell; `seen` resolves when a message of it satisfies a condition, `done` when it is over. */
  execute(code: string, options: Content = {}) {
    const messages: Run['messages'] = [];
    let notify: () => void = () => undefined;
    const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false, ...options };
    const id = randomUUID();
    const done = new Promise<Run>((resolve) => {
      let reply: Run['reply'] | undefined;
      let idle = false;
      const listener: Listener = ({ header, parent, content: body }, channel) => {
        if (parent.msg_id !== id) return;
        if (channel === 'shell') reply = body as Run['reply'];
        else messages.push({ type: header.msg_type, content: body });
        if (header.msg_type === 'status' && body.execution_state === 'idle') idle = true;
        notify();
        if (!reply || !idle) return;
        this.listeners.delete(listener);
        resolve(gather(reply, messages));
      };
      this.listeners.add(listener);
      this.send(this.shell, 'execute_request', { stop_on_error: true, ...content }, id);
    });
    const seen = (condition: (messages: Run['messages']) => boolean) =>
      new Promise<void>((resolve) => {
        notify = () => condition(messages) && resolve();
        notify();
      });
    return { id, done, seen, messages };
  }

  /** Asks something else than a cell, and waits for the answer. */
  async ask(type: string, content: Content = {}, channel: 'shell' | 'control' = 'shell'): Promise<Content> {
    const id = randomUUID();
    return new Promise((resolve) => {
      const listener: Listener = ({ parent, content: body }, from) => {
        if (parent.msg_id !== id || from !== channel) return;
        this.listeners.delete(listener);
        resolve(body);
      };
      this.listeners.add(listener);
      this.send(this[channel], type, content, id);
    });
  }

  /** Sends a message that has no answer. */
  tell(type: string, content: Content): void {
    this.send(this.shell, type, content, randomUUID());
  }

  /** Waits until something is heard, also what came before. */
  async until(condition: (heard: Client['heard']) => boolean): Promise<void> {
    while (!condition(this.heard)) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async stop(): Promise<void> {
    const exit = new Promise((resolve) => this.process.once('exit', resolve));
    if (this.process.exitCode === null && this.process.signalCode === null) {
      await this.ask('shutdown_request', { restart: false }, 'control');
      await exit;
    }
    this.close();
  }

  close(): void {
    for (const socket of [this.shell, this.control, this.stdin, this.iopub]) socket.close();
  }

  private connect([shell, iopub, stdin, control]: number[]): void {
    this.shell.connect(`tcp://127.0.0.1:${shell}`);
    this.control.connect(`tcp://127.0.0.1:${control}`);
    this.stdin.connect(`tcp://127.0.0.1:${stdin}`);
    this.iopub.connect(`tcp://127.0.0.1:${iopub}`);
    this.iopub.subscribe();
    const hear = async (socket: AsyncIterable<Buffer[]>, channel: string) => {
      for await (const frames of socket) {
        const message = decode(frames, this.key);
        const { header, parent, content } = message;
        if (channel === 'iopub') this.heard.push({ type: header.msg_type, content, parent: parent.msg_id });
        if (channel === 'stdin') this.answer(message);
        for (const listener of [...this.listeners]) listener(message, channel);
      }
    };
    void hear(this.shell, 'shell');
    void hear(this.control, 'control');
    void hear(this.stdin, 'stdin');
    void hear(this.iopub, 'iopub');
  }

  /** Outputs are heard only once the subscription has reached the kernel. */
  private async untilReady(): Promise<void> {
    for (let states = 0; states === 0;) {
      await this.ask('kernel_info_request');
      states = this.heard.filter(({ content }) => content.execution_state === 'idle').length;
    }
  }

  /** The person answers a question, by its id. */
  reply(value: string, question: string): void {
    this.send(this.stdin, 'input_reply', { value, status: 'ok' }, randomUUID(), { msg_id: question });
  }

  private answer({ header, content }: Message): void {
    const value = this.person(content.prompt as string, header.msg_id);
    if (value !== undefined) this.reply(value, header.msg_id);
  }

  private send(socket: Dealer, type: string, content: Content, id: string, parent = {}): void {
    const header = { msg_id: id, msg_type: type, session: this.session, username: 'test', date: '', version: '5.5' };
    const message = { identities: [], header, parent, metadata: {}, content, buffers: [] };
    void socket.send(encode(message, this.key));
  }
}

function gather(reply: Run['reply'], messages: Run['messages']): Run {
  const stream = (name: string) =>
    messages
      .filter(({ type, content }) => type === 'stream' && content.name === name)
      .map(({ content }) => content.text);
  const result = messages.find(({ type }) => type === 'execute_result')?.content.data as
    Record<string, string> | undefined;
  return {
    reply,
    messages,
    stdout: stream('stdout').join(''),
    stderr: stream('stderr').join(''),
    result: result?.['text/plain'],
    errors: messages.filter(({ type }) => type === 'error').map(({ content }) => content as Run['errors'][number]),
  };
}

/** Free ports that no program gets by asking for any: those begin at 32,768. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(20_000, 32_768);
    const server = net.createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.close();
    if (isFree) ports.add(port);
  }
  return [...ports];
}
