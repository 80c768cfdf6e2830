// The end of code by force, from the thread that holds the sockets. V8 is held up where it stands, and only there it is looked
// whether the code may end: never within the kernel or Node, whose own affairs would be left half done. What a loop keeps in
// variables of its own is put back, Node forgets which callbacks it was in (it ends the process where they do not end one
// by one), and then the code ends at its next step, without its `finally`.
import inspector from 'node:inspector';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { CallFrame, Paused } from '../debug/cdp';
import { Inspector } from '../debug/cdp';
import { KERNEL_NAME, outerName } from '../typescript/names';

/** How often, and after which pauses, it is looked for a place that is neither Node's nor the kernel's. */
const LOOKS = 50;
const LOOK_PAUSE_MS = 2;
/** How long code may take to its next step, where V8 can hold it up. */
const STEP_MS = 200;

const CELL = /^cell-\d+\.ts$/;
const KERNEL = path.resolve(__dirname, '..') + path.sep;

export class Force {
  private readonly inspector: Inspector;
  private readonly session = new inspector.Session();
  /** The addresses of scripts, by V8's ids. */
  private readonly urls = new Map<string, string>();
  /** What holds the thread up, a breakpoint of the person's included. */
  private paused?: Paused;
  private notify: () => void = () => undefined;

  constructor() {
    this.inspector = new Inspector(this.session);
    this.inspector.on<Paused>('Debugger.paused', (paused) => {
      this.paused = paused;
      this.notify();
    });
    this.inspector.on('Debugger.resumed', () => (this.paused = undefined));
    this.inspector.on<{ scriptId: string; url: string }>('Debugger.scriptParsed', ({ scriptId, url }) =>
      this.urls.set(scriptId, url),
    );
  }

  /** Reaches out for the kernel's thread, which must not be busy. */
  connect(): void {
    this.session.connectToMainThread();
  }

  disconnect(): void {
    this.session.disconnect();
  }

  /** Ends what keeps the kernel's thread busy, if `mayEnd` still says so when it is held up. */
  async end(mayEnd: () => boolean): Promise<void> {
    await this.inspector.post('Debugger.enable');
    try {
      for (let look = 1; look <= LOOKS; look++) {
        const paused = await this.hold();
        // somebody else has let it go
        if (!paused) continue;
        const { callFrames } = paused;
        const isDone = !mayEnd();
        const ends = !isDone && (look === LOOKS || this.isOfPerson(callFrames[0]));
        if (ends) await this.prepare(callFrames);
        // its answer comes when the code has ended
        if (ends) void this.inspector.post('Runtime.terminateExecution').catch(() => undefined);
        await this.inspector.post('Debugger.resume');
        if (ends || isDone) return;
        await pause(LOOK_PAUSE_MS);
      }
    } finally {
      await this.inspector.post('Debugger.disable');
      this.urls.clear();
    }
  }

  /** Holds the thread up at its next step; where it has none to take, it is given one. */
  private async hold(): Promise<Paused | undefined> {
    const isHeld = new Promise<void>((resolve) => (this.notify = resolve));
    await this.inspector.post('Debugger.pause');
    if (!this.paused) await Promise.race([isHeld, pause(STEP_MS)]);
    if (!this.paused) await Promise.race([isHeld, this.inspector.post('Runtime.evaluate', { expression: '0' })]);
    return this.paused;
  }

  private isOfPerson(frame: CallFrame | undefined): boolean {
    const url = (frame && this.urls.get(frame.location.scriptId)) ?? '';
    return url !== '' && !url.startsWith('node:') && !url.replace(/^file:\/\//, '').startsWith(KERNEL);
  }

  private async prepare(frames: CallFrame[]): Promise<void> {
    for (const frame of frames) {
      if (CELL.test(this.urls.get(frame.location.scriptId) ?? '')) await this.putBack(frame);
    }
    await this.inspector.post('Runtime.evaluate', { expression: `${KERNEL_NAME}.forget()`, silent: true });
  }

  /** The variables of a loop's own, back into those of the notebook that they stand for. */
  private async putBack({ callFrameId, scopeChain }: CallFrame): Promise<void> {
    const names = new Set<string>();
    for (const { type, object } of scopeChain) {
      if (type !== 'block' || !object.objectId) continue;
      const own = { objectId: object.objectId, ownProperties: true };
      const { result } = await this.inspector.post<{ result: { name: string }[] }>('Runtime.getProperties', own);
      for (const { name } of result) names.add(name);
    }
    const pairs = [...names].map((name) => [outerName(name), name]).filter(([outer]) => outer !== undefined);
    // one that a loop only reads may be a constant
    const expression = pairs.map(([outer, own]) => `try { ${outer} = ${own} } catch {}`).join('; ');
    await this.inspector.post('Debugger.evaluateOnCallFrame', { callFrameId, expression, silent: true });
  }
}
