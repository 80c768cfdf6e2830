// Breakpoints: what a person asks for by lines of cells and files, before or after V8 has seen them.
import type { Content } from '../wire/message';
import type { Inspector } from './cdp';
import { escapePattern } from './patterns';
import type { CompiledFile } from './files';
import { type CompiledCell, Script, Scripts } from './scripts';

/** A breakpoint that a person asks for. */
export interface Wanted {
  /** From one. */
  line: number;
  condition?: string;
}

export class Breakpoints {
  readonly scripts = new Scripts();
  /** By the path of a file, or what stands for a cell. */
  private readonly wanted = new Map<string, Wanted[]>();
  /** V8's ids. */
  private readonly placed = new Map<string, string[]>();

  constructor(private readonly inspector: Inspector) {}

  list(): Content[] {
    return [...this.wanted].map(([source, breakpoints]) => ({ source, breakpoints }));
  }

  clear(): void {
    this.wanted.clear();
    this.placed.clear();
  }

  /** Replaces the breakpoints of a cell or a file; answers where they are. */
  async set(path: string, breakpoints: Wanted[]): Promise<Content> {
    await this.remove(path);
    if (breakpoints.length === 0) this.wanted.delete(path);
    else this.wanted.set(path, breakpoints);
    const scripts = this.scripts.at(path);
    for (const script of scripts) await this.put(script, breakpoints);
    const [newest] = scripts.slice(-1);
    return {
      breakpoints: breakpoints.map(({ line }) => {
        const found = newest?.toScript(line - 1);
        // of what V8 has not seen, nothing is known yet
        return {
          verified: newest === undefined || found !== undefined,
          line: found ? found.source + 1 : line,
          source: { path },
        };
      }),
    };
  }

  /** Takes note of a cell that is about to run. */
  async addCell(cell: CompiledCell, isStarted: boolean): Promise<void> {
    const script = Script.ofCell(cell);
    this.scripts.add(script);
    if (isStarted) await this.put(script, this.wanted.get(script.path) ?? []);
  }

  /** A file that is about to run, for the first time or anew. */
  async addFile({ url, sourceMapURL }: CompiledFile): Promise<void> {
    const script = this.scripts.addFile(url, sourceMapURL);
    await this.remove(script.path);
    await this.put(script, this.wanted.get(script.path) ?? []);
  }

  private async remove(path: string): Promise<void> {
    const ids = this.placed.get(path) ?? [];
    this.placed.set(path, []);
    for (const id of ids) await this.inspector.post('Debugger.removeBreakpoint', { breakpointId: id });
  }

  private async put(script: Script, breakpoints: Wanted[]): Promise<void> {
    const ids = this.placed.get(script.path) ?? [];
    this.placed.set(script.path, ids);
    for (const { line, condition } of breakpoints) {
      const found = script.toScript(line - 1);
      if (!found) continue;
      const place = { lineNumber: found.place.line, columnNumber: found.place.column };
      // as a pattern: under a plain address V8 moves it to where a file has the text that it had before
      const request = { urlRegex: `^${escapePattern(script.url)}$`, ...place, ...(condition && { condition }) };
      const { breakpointId } = await this.inspector.post<{ breakpointId: string }>(
        'Debugger.setBreakpointByUrl',
        request,
      );
      ids.push(breakpointId);
    }
  }
}
