// Files on their way to V8: while a debugger looks, it is shown each before it runs, so that a breakpoint stands in it the first time.
import NodeModule from 'node:module';
import { pathToFileURL } from 'node:url';
import { isOwn } from '../imports/modules';

/** A file as V8 is about to read it. */
export interface CompiledFile {
  url: string;
  sourceMapURL?: string;
}

type Compile = (code: string, file: string, ...rest: unknown[]) => unknown;

/** Calls `show` with every file of a person's before it runs. */
export function showFiles(show: (file: CompiledFile) => void): void {
  const prototype = NodeModule.prototype as unknown as { _compile: Compile };
  const { _compile: compile } = prototype;
  prototype._compile = function (code, file, ...rest) {
    if (isOwn(file)) show({ url: pathToFileURL(file).href, sourceMapURL: sourceMapOf(code) });
    return compile.call(this, code, file, ...rest);
  };
}

function sourceMapOf(code: string): string | undefined {
  const at = code.lastIndexOf('\n//# sourceMappingURL=');
  return at < 0 ? undefined : /=(\S+)/.exec(code.slice(at))?.[1];
}
