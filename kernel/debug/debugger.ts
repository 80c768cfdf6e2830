// The debugger: Jupyter's dialect of the Debug Adapter Protocol, spoken by the thread that holds the sockets, while V8's
// inspector holds up the thread that runs the cells.
import type { Content } from '../wire/message';
import { type Wanted, Breakpoints } from './breakpoints';
import { CAPABILITIES } from './capabilities';
import { isCaught } from './caught';
import type { Inspector, Paused } from './cdp';
import type { CompiledFile } from './files';
import { escapePattern } from './patterns';
import { type CompiledCell, CELL_PREFIX, CELL_SUFFIX, cellPath, HASH_SEED, KERNEL } from './scripts';
import { Stack } from './stack';
import { describe, Variables } from './variables';

/** A request of the Debug Adapter Protocol. */
interface Request {
  seq: number;
  command: string;
  arguments?: Content;
}

type Handler = (values: Content) => Content | Promise<Content>;

/** V8 has one thread for cells. */
const THREAD = 1;

/** The kernel, Node and packages are stepped over. */
const NOT_STEPPED_INTO = ['^node:', '/node_modules/', `^(file://)?${escapePattern(KERNEL)}`, '^$', '^evalmachine'];

/** A value in the forms that a front end shows, as the kernel's thread makes them. */
const RICH = "globalThis[Symbol.for('spanlab.kernel.bundle')]";

export class Debugger {
  private readonly breakpoints: Breakpoints;
  private readonly variables: Variables;
  private readonly stack: Stack;
  private isStarted = false;
  /** Whether only exceptions that nothing catches hold cells up. */
  private isForUncaught = false;
  /** Breakpoints on their way to V8, which a cell that goes on has to wait for. */
  private settled: Promise<unknown> = Promise.resolve();
  private seq = 0;

  constructor(
    private readonly inspector: Inspector,
    private readonly send: (event: Content) => void,
    private readonly setActive: (isActive: boolean) => void,
  ) {
    this.breakpoints = new Breakpoints(inspector);
    this.variables = new Variables(inspector);
    this.stack = new Stack(inspector, this.breakpoints.scripts, this.variables);
    inspector.on<Paused>('Debugger.paused', (paused) => void this.pause(paused));
    inspector.on('Debugger.resumed', () => this.resumed());
    inspector.on<{ scriptId: string; url: string; sourceMapURL?: string }>('Debugger.scriptParsed', (script) =>
      this.breakpoints.scripts.parsed(script.scriptId, script.url, script.sourceMapURL),
    );
  }

  /** Puts the breakpoints of a cell that is about to run. */
  async prepare(cell: CompiledCell): Promise<void> {
    await this.breakpoints.addCell(cell, this.isStarted);
  }

  /** Puts the breakpoints of a file that is about to run. */
  async prepareFile(file: CompiledFile): Promise<void> {
    if (this.isStarted) await this.breakpoints.addFile(file);
  }

  /** Answers a `debug_request`. It never throws. */
  async answer(content: Content): Promise<Content> {
    const { seq, command, arguments: values = {} } = content as unknown as Request;
    const reply = { seq: ++this.seq, type: 'response', request_seq: seq, command };
    try {
      return { ...reply, success: true, body: await this.handle(command, values) };
    } catch (error) {
      return { ...reply, success: false, message: (error as Error).message, body: {} };
    }
  }

  /** Lets a cell that is to be stopped go on without being held up. */
  async release(): Promise<void> {
    if (!this.isStarted) return;
    await this.inspector.post('Debugger.setSkipAllPauses', { skip: true });
    if (this.stack.isHeld) await this.inspector.post('Debugger.resume');
  }

  /** Holds cells up again. */
  async watchAgain(): Promise<void> {
    if (this.isStarted) await this.inspector.post('Debugger.setSkipAllPauses', { skip: false });
  }

  private handle(command: string, values: Content): Content | Promise<Content> {
    const handler = this.always[command] ?? (this.isStarted ? this.whenStarted[command] : undefined);
    if (handler) return handler(values);
    throw new Error(command in this.whenStarted ? 'the debugger is not started' : `${command} is not known here`);
  }

  private readonly always: Record<string, Handler> = {
    debugInfo: () => this.info(),
    initialize: async () => {
      await this.start();
      return CAPABILITIES;
    },
    dumpCell: ({ code }) => ({ sourcePath: cellPath(String(code)) }),
    disconnect: async () => {
      await this.stop();
      return {};
    },
    source: ({ source, sourceReference }) => this.source((source as Content | undefined)?.path ?? sourceReference),
    inspectVariables: async () => {
      if (!this.stack.isHeld) this.variables.clear();
      return { variables: await this.variables.ofNotebook() };
    },
    variables: async ({ variablesReference }) => ({ variables: await this.variables.list(Number(variablesReference)) }),
    richInspectVariables: (values) => this.rich(String(values.variableName), values.frameId),
    evaluate: (values) => this.evaluate(values),
    modules: () => this.modules(),
  };

  private readonly whenStarted: Record<string, Handler> = {
    attach: () => {
      this.tell('initialized');
      return {};
    },
    launch: () => ({}),
    configurationDone: () => ({}),
    threads: () => ({ threads: [{ id: THREAD, name: 'cells' }] }),
    setBreakpoints: ({ source, breakpoints = [] }) => {
      const path = String((source as Content).path);
      const answer = this.settled.then(() => this.breakpoints.set(path, breakpoints as Wanted[]));
      this.settled = answer.catch(() => undefined);
      return answer;
    },
    setFunctionBreakpoints: () => ({ breakpoints: [] }),
    setExceptionBreakpoints: async ({ filters = [] }) => {
      const state = (filters as string[]).length > 0 ? 'all' : 'none';
      this.isForUncaught = state === 'all' && !(filters as string[]).includes('all');
      await this.inspector.post('Debugger.setPauseOnExceptions', { state });
      return {};
    },
    stackTrace: () => this.stack.trace(),
    scopes: ({ frameId }) => ({ scopes: this.stack.scopes(frameId) }),
    continue: async () => {
      await this.go('resume');
      return { allThreadsContinued: true };
    },
    next: () => this.go('stepOver'),
    stepIn: () => this.go('stepInto'),
    stepOut: () => this.go('stepOut'),
    pause: () => this.go('pause'),
    copyToGlobals: (values) => this.copy(values),
  };

  private info(): Content {
    return {
      isStarted: this.isStarted,
      hashMethod: 'Murmur2',
      hashSeed: HASH_SEED,
      tmpFilePrefix: CELL_PREFIX,
      tmpFileSuffix: CELL_SUFFIX,
      breakpoints: this.breakpoints.list(),
      stoppedThreads: this.stack.isHeld ? [THREAD] : [],
      richRendering: true,
      exceptionPaths: ['JavaScript'],
      copyToGlobals: true,
    };
  }

  private async start(): Promise<void> {
    if (this.isStarted) return;
    this.isStarted = true;
    this.setActive(true);
    await this.inspector.post('Runtime.enable');
    await this.inspector.post('Debugger.enable');
    await this.inspector.post('Debugger.setBlackboxPatterns', { patterns: NOT_STEPPED_INTO });
    await this.inspector.post('Debugger.setAsyncCallStackDepth', { maxDepth: 8 });
  }

  private async stop(): Promise<void> {
    if (!this.isStarted) return;
    this.isStarted = false;
    this.setActive(false);
    this.breakpoints.clear();
    await this.inspector.post('Debugger.disable');
    await this.inspector.post('Runtime.disable');
    this.resumed();
  }

  /** Something holds the cell up: a person is told. */
  private async pause(paused: Paused): Promise<void> {
    const isException = paused.reason === 'exception' || paused.reason === 'promiseRejection';
    if (!this.isOfInterest(paused, isException)) return void (await this.inspector.post('Debugger.resume'));
    const reason = isException ? 'exception' : paused.hitBreakpoints?.length ? 'breakpoint' : 'step';
    this.tell('stopped', {
      reason,
      threadId: THREAD,
      allThreadsStopped: true,
      // without its stack, which front ends show beside it
      ...(isException && { text: paused.data?.description?.split(/\n\s+at /)[0] }),
    });
  }

  /** Inside the kernel there is nothing to see. */
  private isOfInterest(paused: Paused, isException: boolean): boolean {
    if (isException && this.isForUncaught && isCaught(paused, this.breakpoints.scripts)) return false;
    return this.stack.hold(paused);
  }

  private resumed(): void {
    if (this.stack.release()) this.tell('continued', { threadId: THREAD, allThreadsContinued: true });
  }

  private tell(event: string, body: Content = {}): void {
    this.send({ seq: ++this.seq, type: 'event', event, body });
  }

  private async evaluate({ expression, frameId, context }: Content): Promise<Content> {
    // to look at something must not change it
    const options = context === 'hover' ? { throwOnSideEffect: true } : {};
    const { result, exceptionDetails } = await this.stack.evaluate(String(expression), frameId, options);
    if (exceptionDetails)
      throw new Error(exceptionDetails.exception?.description?.split('\n')[0] ?? exceptionDetails.text);
    const { value, type, variablesReference } = this.variables.describe('', result, String(expression));
    return { result: value, type, variablesReference };
  }

  private async rich(name: string, frameId: unknown): Promise<Content> {
    const options = { returnByValue: true, generatePreview: false };
    const { result, exceptionDetails } = await this.stack.evaluate(`${RICH}(${name})`, frameId, options);
    if (exceptionDetails || result.value === undefined)
      return { data: { 'text/plain': describe(result) }, metadata: {} };
    return { data: result.value as Content, metadata: {} };
  }

  private async copy({ srcVariableName: from, dstVariableName: to, srcFrameId }: Content): Promise<Content> {
    for (const name of [from, to])
      if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(String(name))) throw new Error(`${String(name)} is no name`);
    const { exceptionDetails } = await this.stack.evaluate(`globalThis.${String(to)} = ${String(from)}`, srcFrameId);
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return {};
  }

  private async go(step: 'resume' | 'stepOver' | 'stepInto' | 'stepOut' | 'pause'): Promise<Content> {
    await this.settled;
    await this.inspector.post(`Debugger.${step}`);
    return {};
  }

  private source(path: unknown): Content {
    const content = this.breakpoints.scripts.textOf(String(path));
    if (content === undefined) throw new Error(`${String(path)} is not there`);
    return { content };
  }

  private modules(): Content {
    const modules = this.breakpoints.scripts
      .files()
      .map((path, id) => ({ id, name: path.split(/[\\/]/).at(-1), path }));
    return { modules, totalModules: modules.length };
  }
}
