// The debugger: Jupyter's dialect of the Debug Adapter Protocol, spoken by the thread that holds the sockets, while V8's
// inspector holds up the thread that runs the cells.
import type { Content } from '../wire/message';
import { Breakpoints } from './breakpoints';
import type { CallFrame, Evaluated, Inspector, Paused } from './cdp';
import type { CompiledCell, Script } from './scripts';
import { CELL_PREFIX, CELL_SUFFIX, cellPath, HASH_SEED } from './scripts';
import { describe, Variables } from './variables';

/** A request of the Debug Adapter Protocol. */
interface Request {
  seq: number;
  command: string;
  arguments?: Content;
}

/** A frame on the stack of a cell that is held up. */
interface Frame {
  id: number;
  call: CallFrame;
  script: Script;
  line: number;
  column: number;
}

type Handler = (values: Content) => Content | Promise<Content>;

/** V8 has one thread for cells. */
const THREAD = 1;

/** The kernel, Node and packages are stepped over. */
const NOT_STEPPED_INTO = ['^node:', '/node_modules/', '/kernel/[^/]+(/[^/]+)?\\.(ts|cjs)$', '^$', 'evalmachine'];

const CAPABILITIES = {
  supportsConfigurationDoneRequest: true,
  supportsEvaluateForHovers: true,
  supportsConditionalBreakpoints: true,
  supportsLogPoints: false,
  supportsSetVariable: false,
  supportsExceptionInfoRequest: false,
  // to V8 what a cell throws is caught: by the kernel
  exceptionBreakpointFilters: [{ filter: 'all', label: 'All exceptions', default: false }],
};

/** A value in the forms that a front end shows, as the kernel's thread makes them. */
const RICH = "globalThis[Symbol.for('spanlab.kernel.bundle')]";

export class Debugger {
  private readonly breakpoints: Breakpoints;
  private readonly variables: Variables;
  private isStarted = false;
  private frames: Frame[] = [];
  private isPaused = false;
  private seq = 0;

  constructor(
    private readonly inspector: Inspector,
    private readonly send: (event: Content) => void,
    private readonly setActive: (isActive: boolean) => void,
  ) {
    this.breakpoints = new Breakpoints(inspector);
    this.variables = new Variables(inspector);
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
    if (this.isPaused) await this.inspector.post('Debugger.resume');
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
      if (!this.isPaused) this.variables.clear();
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
    setBreakpoints: ({ source, breakpoints = [] }) =>
      this.breakpoints.set(String((source as Content).path), breakpoints as { line: number; condition?: string }[]),
    setFunctionBreakpoints: () => ({ breakpoints: [] }),
    setExceptionBreakpoints: async ({ filters = [] }) => {
      const state = (filters as string[]).length > 0 ? 'all' : 'none';
      await this.inspector.post('Debugger.setPauseOnExceptions', { state });
      return {};
    },
    stackTrace: () => this.stackTrace(),
    scopes: ({ frameId }) => ({ scopes: this.scopes(Number(frameId)) }),
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
      stoppedThreads: this.isPaused ? [THREAD] : [],
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
    await this.breakpoints.watchFiles();
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

  /** Something holds the cell up: a person is told, unless it was only to put breakpoints into a file that is loaded. */
  private async pause(paused: Paused): Promise<void> {
    if (paused.reason === 'instrumentation') {
      await this.breakpoints.addFile(paused.data ?? {});
      return void (await this.inspector.post('Debugger.resume'));
    }
    this.frames = paused.callFrames.flatMap((call, id) => this.frame(call, id + 1));
    // inside the kernel there is nothing to see
    if (this.frames.length === 0) return void (await this.inspector.post('Debugger.resume'));
    this.isPaused = true;
    const { description } = paused.data ?? {};
    const isException = paused.reason === 'exception' || paused.reason === 'promiseRejection';
    const reason = isException ? 'exception' : paused.hitBreakpoints?.length ? 'breakpoint' : 'step';
    this.tell('stopped', {
      reason,
      threadId: THREAD,
      allThreadsStopped: true,
      ...(isException && { text: description }),
    });
  }

  private frame(call: CallFrame, id: number): Frame[] {
    const script = this.breakpoints.scripts.get(call.location.scriptId);
    const { lineNumber: line, columnNumber: column = 0 } = call.location;
    const place = script?.toSource({ line, column });
    return script && place ? [{ id, call, script, line: place.line + 1, column: place.column + 1 }] : [];
  }

  private resumed(): void {
    this.frames = [];
    this.variables.clear();
    if (!this.isPaused) return;
    this.isPaused = false;
    this.tell('continued', { threadId: THREAD, allThreadsContinued: true });
  }

  private tell(event: string, body: Content = {}): void {
    this.send({ seq: ++this.seq, type: 'event', event, body });
  }

  private stackTrace(): Content {
    const stackFrames = this.frames.map(({ id, call, script, line, column }) => ({
      id,
      name: call.functionName || (script.code === undefined ? '(file)' : '(cell)'),
      source: { path: script.path, name: script.code === undefined ? script.name : 'cell' },
      line,
      column,
    }));
    return { stackFrames, totalFrames: stackFrames.length };
  }

  /** What a function and those around it have; what cells have; what all JavaScript has. */
  private scopes(frameId: number): Content[] {
    const frame = this.find(frameId);
    const objects = (types: string[]) =>
      frame.call.scopeChain.filter(({ type }) => types.includes(type)).map(({ object }) => object);
    const local = ['local', 'block', 'catch', 'closure', 'with', 'module', 'eval'];
    const isCell = frame.script.code !== undefined && !frame.call.functionName;
    const named = { Locals: isCell ? [...local, 'script'] : local, Notebook: ['script'], Globals: ['global'] };
    return Object.entries(named).map(([name, types]) => ({
      name,
      variablesReference: this.variables.ofScopes(objects(types)),
      expensive: name === 'Globals',
    }));
  }

  private find(frameId: unknown): Frame {
    const frame = this.frames.find(({ id }) => id === Number(frameId)) ?? this.frames[0];
    if (!frame) throw new Error('no cell is held up');
    return frame;
  }

  /** In the frame that is asked for, or, when no cell is held up, as a cell would. */
  private async evaluated(expression: string, frameId: unknown, options: Content = {}): Promise<Evaluated> {
    const request = { expression, generatePreview: true, silent: true, ...options };
    if (!this.isPaused)
      return this.inspector.post('Runtime.evaluate', { ...request, replMode: true, awaitPromise: true });
    const { callFrameId } = this.find(frameId).call;
    return this.inspector.post('Debugger.evaluateOnCallFrame', { ...request, callFrameId });
  }

  private async evaluate({ expression, frameId, context }: Content): Promise<Content> {
    // to look at something must not change it
    const options = context === 'hover' ? { throwOnSideEffect: true } : {};
    const { result, exceptionDetails } = await this.evaluated(String(expression), frameId, options);
    if (exceptionDetails)
      throw new Error(exceptionDetails.exception?.description?.split('\n')[0] ?? exceptionDetails.text);
    const { value, type, variablesReference } = this.variables.describe('', result, String(expression));
    return { result: value, type, variablesReference };
  }

  private async rich(name: string, frameId: unknown): Promise<Content> {
    const options = { returnByValue: true, generatePreview: false };
    const { result, exceptionDetails } = await this.evaluated(`${RICH}(${name})`, frameId, options);
    if (exceptionDetails || result.value === undefined)
      return { data: { 'text/plain': describe(result) }, metadata: {} };
    return { data: result.value as Content, metadata: {} };
  }

  private async copy({ srcVariableName: from, dstVariableName: to, srcFrameId }: Content): Promise<Content> {
    for (const name of [from, to])
      if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(String(name))) throw new Error(`${String(name)} is no name`);
    const { exceptionDetails } = await this.evaluated(`globalThis.${String(to)} = ${String(from)}`, srcFrameId);
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return {};
  }

  private async go(step: 'resume' | 'stepOver' | 'stepInto' | 'stepOut' | 'pause'): Promise<Content> {
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
