// V8's inspector with promises.
import type inspector from 'node:inspector';

export type Result = Record<string, unknown>;

export class Inspector {
  constructor(private readonly session: inspector.Session) {}

  /** @throws Error with V8's own words. */
  post<T = Result>(method: string, parameters: Result = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      this.session.post(method, parameters, (error: Error | null, result?: unknown) => {
        if (error) reject(new Error(error.message));
        else resolve(result as T);
      });
    });
  }

  on<T>(event: string, listener: (parameters: T) => void): void {
    this.session.on(event, (message: { params: T }) => listener(message.params));
  }
}

/** A value as V8 describes it. */
export interface RemoteObject {
  type: string;
  subtype?: string;
  className?: string;
  value?: unknown;
  unserializableValue?: string;
  description?: string;
  objectId?: string;
  preview?: Preview;
}

export interface Preview {
  type: string;
  subtype?: string;
  description?: string;
  overflow: boolean;
  properties: { name: string; type: string; subtype?: string; value?: string }[];
  entries?: { key?: Preview; value: Preview }[];
}

export interface CallFrame {
  callFrameId: string;
  functionName: string;
  location: CodeLocation;
  url: string;
  scopeChain: { type: string; name?: string; object: RemoteObject }[];
  this: RemoteObject;
}

/** A place in what V8 runs, from zero. */
export interface CodeLocation {
  scriptId: string;
  lineNumber: number;
  columnNumber?: number;
}

/** The awaits that wait for what runs. */
interface AsyncStack {
  callFrames: CodeLocation[];
  parent?: AsyncStack;
}

export interface Paused {
  callFrames: CallFrame[];
  reason: string;
  data?: { description?: string; sourceMapURL?: string; url?: string; scriptId?: string; uncaught?: boolean };
  asyncStackTrace?: AsyncStack;
  hitBreakpoints?: string[];
}

export interface Evaluated {
  result: RemoteObject;
  exceptionDetails?: { text: string; exception?: RemoteObject };
}
