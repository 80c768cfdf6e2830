// The stack of a cell that is held up: its frames, what they have, and expressions in them.
import type { Content } from '../wire/message';
import type { CallFrame, Evaluated, Inspector, Paused } from './cdp';
import type { Script, Scripts } from './scripts';
import type { Variables } from './variables';

/** A frame that a person wrote; lines and columns from one. */
interface Frame {
  id: number;
  call: CallFrame;
  script: Script;
  line: number;
  column: number;
}

export class Stack {
  private frames: Frame[] = [];

  constructor(
    private readonly inspector: Inspector,
    private readonly scripts: Scripts,
    private readonly variables: Variables,
  ) {}

  /** Whether a cell is held up. */
  get isHeld(): boolean {
    return this.frames.length > 0;
  }

  /** Takes what V8 tells of a cell that is held up; whether there is anything of the person's in it. */
  hold({ callFrames }: Paused): boolean {
    this.variables.clear();
    this.frames = callFrames.flatMap((call, id) => this.frame(call, id + 1));
    return this.isHeld;
  }

  /** The cell goes on; whether it was held up. */
  release(): boolean {
    const wasHeld = this.isHeld;
    this.frames = [];
    this.variables.clear();
    return wasHeld;
  }

  trace(): Content {
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
  scopes(frameId: unknown): Content[] {
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

  /** In the frame that is asked for, or, when no cell is held up, as a cell would. */
  async evaluate(expression: string, frameId: unknown, options: Content = {}): Promise<Evaluated> {
    const request = { expression, generatePreview: true, silent: true, ...options };
    if (!this.isHeld)
      return this.inspector.post('Runtime.evaluate', { ...request, replMode: true, awaitPromise: true });
    const { callFrameId } = this.find(frameId).call;
    return this.inspector.post('Debugger.evaluateOnCallFrame', { ...request, callFrameId });
  }

  private find(frameId: unknown): Frame {
    const frame = this.frames.find(({ id }) => id === Number(frameId)) ?? this.frames[0];
    if (!frame) throw new Error('no cell is held up');
    return frame;
  }

  private frame(call: CallFrame, id: number): Frame[] {
    const found = this.scripts.locate(call.location);
    if (!found) return [];
    const { script, place } = found;
    return [{ id, call, script, line: place.line + 1, column: place.column + 1 }];
  }
}
