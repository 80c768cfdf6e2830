// Files of one's own are kept among Node's CommonJS, each in one copy, whatever imports it and whether it awaits at its top or not: so a
// file goes by its own URL, and is loaded anew when it is forgotten there. Most are made into CommonJS by tsx; here are those that ask
// for more: `import.meta`, `import()`, packages that `import` alone finds, and `await` at their top.
import fs from 'node:fs';
import NodeModule, { createRequire } from 'node:module';
import path from 'node:path';
import type typescript from 'typescript';
import { projectOptions } from '../typescript/options';
import { fileScript } from './file-script';
import { type Namespace, type Require, type Waited, Importer } from './importer';
import { isOwn } from './modules';
import { awaitsItself, needsImport } from './waits';

/** A module while its script runs, which calls `run`. */
interface Module extends NodeJS.Module {
  run?: (body: (file: Importer) => unknown) => void;
  _compile(code: string, file: string): void;
}

type Loader = (module: Module, file: string) => void;

/** What of Node is known and not declared. */
const Inside = NodeModule as unknown as {
  _extensions: Record<string, Loader | undefined>;
  _nodeModulePaths(folder: string): string[];
};

const ENDINGS = ['.ts', '.tsx', '.mts', '.cts', '.jsx', '.js', '.mjs', '.cjs'];

export class Files implements Waited {
  private readonly options: typescript.CompilerOptions;
  /** When those that await at their top have come to their end. */
  private readonly ends = new WeakMap<NodeJS.Module, Promise<unknown>>();
  /** For which others each waits at the moment. */
  private readonly waitsFor = new WeakMap<NodeJS.Module, Set<NodeJS.Module>>();

  /** @param folder That of the notebook, whose tsconfig.json counts. */
  constructor(folder: string) {
    this.options = projectOptions(folder);
  }

  /** Takes the place of the loaders that are there. */
  install(): void {
    for (const ending of ENDINGS) {
      const before = Inside._extensions[ending] ?? Inside._extensions['.js']!;
      Inside._extensions[ending] = (module, file) => {
        if (isOwn(file) && needsUs(file)) this.load(module, file);
        else before(module, file);
      };
    }
  }

  /** A file that awaits at its top; in a circle of such files what is there by now. */
  async import(file: string, importing?: NodeJS.Module): Promise<Namespace> {
    const module = this.moduleOf(file, importing);
    if (!importing) await this.end(module);
    else if (!this.reaches(module, importing)) await this.waitFor(importing, module);
    return module.exports as Namespace;
  }

  private load(module: Module, file: string): void {
    if (awaitsItself(file)) throw new Error(`${file} awaits at its top: require cannot load it, import can`);
    this.run(module, file, false);
  }

  private run(module: Module, file: string, waits: boolean): unknown {
    let end: unknown;
    const require = (specifier: string): unknown => module.require(specifier);
    const { resolve } = createRequire(file);
    module.run = (body) => {
      delete module.run;
      end = body(new Importer(file, Object.assign(require, { resolve }) as Require, this, module));
    };
    module._compile(fileScript(file, fs.readFileSync(file, 'utf8'), this.options, waits), file);
    return end;
  }

  private moduleOf(file: string, importing?: NodeJS.Module): Module {
    const known = require.cache[file] as Module | undefined;
    if (known && importing && !importing.children.includes(known)) importing.children.push(known);
    if (known) return known;
    const module = new NodeModule(file, importing) as Module;
    Object.assign(module, { filename: file, paths: Inside._nodeModulePaths(path.dirname(file)) });
    return ((require.cache[file] as Module) = module);
  }

  private async waitFor(importing: NodeJS.Module, module: Module): Promise<void> {
    const others = this.waitsFor.get(importing) ?? new Set();
    this.waitsFor.set(importing, others.add(module));
    try {
      await this.end(module);
    } finally {
      others.delete(module);
    }
  }

  /** The end of a module; it begins when it is first waited for, not before that is noted. */
  private end(module: Module): Promise<unknown> {
    let end = this.ends.get(module);
    if (!end) this.ends.set(module, (end = module.loaded ? Promise.resolve() : this.runToEnd(module)));
    return end;
  }

  private async runToEnd(module: Module): Promise<void> {
    await null;
    try {
      await this.run(module, module.filename, true);
      module.loaded = true;
    } catch (error) {
      if (require.cache[module.filename] === module) Reflect.deleteProperty(require.cache, module.filename);
      throw error;
    }
  }

  /** Whether one waits for another, be it by way of others. */
  private reaches(from: NodeJS.Module, to: NodeJS.Module): boolean {
    return from === to || [...(this.waitsFor.get(from) ?? [])].some((next) => this.reaches(next, to));
  }
}

/** Whether a file asks for what CommonJS does not have. */
function needsUs(file: string): boolean {
  return awaitsItself(file) || needsImport(file) || /\bimport\s*(?:\.\s*meta\b|\()/.test(fs.readFileSync(file, 'utf8'));
}
