// What V8 runs and where it was written: cells and files, by their source maps.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { allGeneratedPositionsFor, LEAST_UPPER_BOUND, originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { PREFIX_LINES } from '../tslab';
import type { CodeLocation } from './cdp';
import { murmur2 } from './murmur';

/** A cell on its way to V8. */
export interface CompiledCell {
  url: string;
  code: string;
  /** The source map, in which the cell begins with its second line. */
  map: string;
}

/** Where something is written, or runs: lines and columns from zero. */
export interface Place {
  line: number;
  column: number;
}

export const HASH_SEED = 0xc70f6907;
export const CELL_PREFIX = `${path.join(os.tmpdir(), `spanlab_${process.pid}`)}${path.sep}`;
export const CELL_SUFFIX = '.ts';

/** The name by which front ends and kernels know a cell. */
export function cellPath(code: string): string {
  return `${CELL_PREFIX}${murmur2(code, HASH_SEED)}${CELL_SUFFIX}`;
}

/** A script of V8 and its source. */
export class Script {
  private readonly map?: TraceMap;
  private readonly prefixLines: number;

  private constructor(
    readonly url: string,
    /** The file, or what stands for the cell. */
    readonly path: string,
    map: string | undefined,
    /** The text of a cell. */
    readonly code?: string,
  ) {
    if (map !== undefined) this.map = new TraceMap(map);
    this.prefixLines = code === undefined ? 0 : PREFIX_LINES;
  }

  static ofCell({ url, code, map }: CompiledCell): Script {
    return new Script(url, cellPath(code), map, code);
  }

  /** Of a file, by the source map that stands in it. */
  static ofFile(url: string, sourceMapUrl?: string): Script {
    const file = url.startsWith('file:') ? fileURLToPath(url) : url;
    const inline = /^data:application\/json[^,]*;base64,(.*)$/s.exec(sourceMapUrl ?? '');
    return new Script(url, file, inline ? Buffer.from(inline[1], 'base64').toString('utf8') : undefined);
  }

  get name(): string {
    return path.basename(this.path);
  }

  /** What a person wrote; none where the file is gone. */
  get text(): string | undefined {
    if (this.code !== undefined) return this.code;
    return fs.existsSync(this.path) ? fs.readFileSync(this.path, 'utf8') : undefined;
  }

  /** Where in the source a place of the script is written. */
  toSource({ line, column }: Place): Place | undefined {
    if (!this.map) return { line, column };
    const found = originalPositionFor(this.map, { line: line + 1, column });
    if (found.line === null) return undefined;
    const row = found.line - 1 - this.prefixLines;
    return row < 0 ? undefined : { line: row, column: found.column };
  }

  /** The first place of the script that is written at a line of the source, or soon after it. */
  toScript(line: number): { source: number; place: Place } | undefined {
    if (!this.map) return { source: line, place: { line, column: 0 } };
    const source = this.map.sources[0]!;
    for (let at = line; at < line + MAX_LINES_ON; at++) {
      const needle = { source, line: at + 1 + this.prefixLines, column: 0, bias: LEAST_UPPER_BOUND } as const;
      const [first] = allGeneratedPositionsFor(this.map, needle)
        .filter((found) => found.line !== null)
        .sort((one, other) => one.line! - other.line! || one.column! - other.column!);
      if (first) return { source: at, place: { line: first.line! - 1, column: first.column! } };
    }
    return undefined;
  }
}

/** A breakpoint on a comment is one on the code below it. */
const MAX_LINES_ON = 50;

interface Written {
  script: Script;
  place: Place;
}

/** All that V8 has seen of cells and of the person's files. */
export class Scripts {
  private readonly byUrl = new Map<string, Script>();
  private readonly byId = new Map<string, Script>();

  add(script: Script): void {
    this.byUrl.set(script.url, script);
  }

  addFile(url: string, sourceMapUrl?: string): Script {
    const script = Script.ofFile(url, sourceMapUrl);
    this.add(script);
    return script;
  }

  /** V8 has read a script, and calls it by an id from now on. */
  parsed(id: string, url: string, sourceMapUrl?: string): void {
    const isFile = path.isAbsolute(url) || url.startsWith('file:');
    const script = this.byUrl.get(url) ?? (isFile && !isForeign(url) ? this.addFile(url, sourceMapUrl) : undefined);
    if (script) this.byId.set(id, script);
  }

  /** Where a place of V8's is written; nowhere for what is not a person's. */
  locate({ scriptId, lineNumber: line, columnNumber: column = 0 }: CodeLocation): Written | undefined {
    const script = this.byId.get(scriptId);
    const place = script?.toSource({ line, column });
    return script && place && { script, place };
  }

  /** All runs of a cell, or a file, the newest last. */
  at(file: string): Script[] {
    return [...this.byUrl.values()].filter((script) => script.path === file);
  }

  files(): string[] {
    return [...new Set([...this.byUrl.values()].filter(({ code }) => code === undefined).map((script) => script.path))];
  }

  textOf(file: string): string | undefined {
    return this.at(file)[0]?.text;
  }
}

/** The folder of the kernel itself. */
export const KERNEL = path.resolve(__dirname, '..') + path.sep;

/** Packages and the kernel are not what a person debugs. */
function isForeign(url: string): boolean {
  const file = url.startsWith('file:') ? fileURLToPath(url) : url;
  return file.startsWith(KERNEL) || file.includes(`${path.sep}node_modules${path.sep}`);
}
