// Compiled code that outlives a process: each module that a start loads, as V8 compiled it, with its source and what its `require`s led to. The
// next start neither looks for modules nor parses ten megabytes of them; a module whose file has another size or time than it had is
// loaded as ever and kept anew. `module.enableCompileCache` does a part of this, from Node 22 on.
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const v8 = require('node:v8');
const vm = require('node:vm');

const ROOT = path.resolve(__dirname, '..');
/** Where packages are: in the clone, or around the installed package. */
const isPackage = path.basename(path.dirname(ROOT)) === 'node_modules';
const PACKAGES = isPackage ? path.dirname(ROOT) : path.join(ROOT, 'node_modules');
/** Files are named from here on: a project that is moved keeps its code. */
const BASE = path.dirname(PACKAGES) + path.sep;
const FOLDER = path.join(PACKAGES, '.cache', 'spanlab');
const FILE = path.join(FOLDER, 'code');

const BEGIN = '(function (exports, require, module, __filename, __dirname) { ';
const END = '\n})';

/** What is left to Node: code that was kept has lost, in Node 20, who answers its `import()`. */
const OTHERS = /^#!|(?<![.\w$])import\s*\(/;

const nameOf = (file) => (file.startsWith(BASE) ? file.slice(BASE.length) : file);
const fileOf = (name) => path.resolve(BASE, name);

/** A file's size and when it changed; undefined for one that is not there. */
function stampOf(file) {
  const found = fs.statSync(file, { throwIfNoEntry: false });
  return found && `${found.size} ${found.mtimeMs}`;
}

/** What decides about all modules: V8 with its flags, and which packages are installed. */
const circumstances = () => `${v8.cachedDataVersionTag()} ${stampOf(path.join(PACKAGES, '.package-lock.json'))}`;

/**
 * What the file holds: sources and code, a list of the modules, and the length of that list. A module, by its name: its file's stamp, the
 * encoding of its source, where source and code are (first byte, bytes), and the names of what it requires.
 */
class Kept {
  constructor() {
    this.modules = new Map();
    try {
      this.descriptor = fs.openSync(FILE, 'r');
      const end = fs.fstatSync(this.descriptor).size - 4;
      const length = this.bytes([end, 4]).readUInt32LE();
      const { when, size, modules } = JSON.parse(this.bytes([end - length, length]).toString());
      if (when === circumstances() && size === end - length) this.modules = new Map(Object.entries(modules));
    } catch {
      // nothing is kept so far, or nothing that can be read
    }
  }

  bytes([from, length]) {
    if (from < 0) throw new Error('no such place');
    const bytes = Buffer.allocUnsafe(length);
    if (fs.readSync(this.descriptor, bytes, 0, length, from) < length) throw new Error('cut short');
    return bytes;
  }

  /** A module that is still what it was, or nothing; its file is asked once a process. */
  find(name) {
    const entry = this.modules.get(name);
    if (!entry) return undefined;
    entry.isSame ??= entry.stamp === stampOf(fileOf(name));
    return entry.isSame ? entry : undefined;
  }
}

/** Takes code that was kept, and keeps what this process compiles when it ends. */
function keepCode() {
  const kept = new Kept();
  /** What this process compiles, and what its `require`s led to, by the names of modules. */
  const [fresh, found] = [new Map(), new Map()];
  takeResolved(kept, found);
  for (const extension of ['.js', '.cjs', '.ts']) takeCode(extension, kept);
  keepCompiled(fresh);
  process.once('exit', () => fresh.size > 0 && keepFile(FILE, content(kept, fresh, found)));
}

function takeResolved(kept, found) {
  const resolve = Module._resolveFilename;
  Module._resolveFilename = function (request, parent, isMain, options) {
    if (!parent?.filename || options) return resolve.call(this, request, parent, isMain, options);
    const name = nameOf(parent.filename);
    const known = kept.find(name)?.found[request];
    if (known && kept.find(known)) return fileOf(known);
    const file = resolve.call(this, request, parent, isMain, options);
    if (path.isAbsolute(file)) found.set(name, { ...found.get(name), [request]: nameOf(file) });
    return file;
  };
}

function takeCode(extension, kept) {
  const load = Module._extensions[extension] ?? Module._extensions['.js'];
  Module._extensions[extension] = function (module, file) {
    const entry = kept.find(nameOf(file));
    if (!entry) return load.call(this, module, file);
    const source = kept.bytes(entry.source).toString(entry.encoding);
    return run(compile(source, file, kept.bytes(entry.code)), module, file);
  };
}

function keepCompiled(fresh) {
  const compileAsEver = Module.prototype._compile;
  Module.prototype._compile = function (source, file, format) {
    const script = format !== 'module' && !OTHERS.test(source) ? tryCompile(source, file) : undefined;
    if (!script) return compileAsEver.call(this, source, file, format);
    fresh.set(nameOf(file), { source, script, stamp: stampOf(file) });
    return run(script, this, file);
  };
}

/** Nothing for what is no CommonJS: Node says best what is wrong with it. */
function tryCompile(source, file) {
  try {
    return compile(source, file);
  } catch {
    return undefined;
  }
}

function compile(source, filename, cachedData) {
  return new vm.Script(BEGIN + source + END, { filename, cachedData });
}

function run(script, module, file) {
  const require = (request) => module.require(request);
  require.resolve = (request, options) => Module._resolveFilename(request, module, false, options);
  require.resolve.paths = (request) => Module._resolveLookupPaths(request, module);
  require.main = process.mainModule;
  require.extensions = Module._extensions;
  require.cache = Module._cache;
  const { exports } = module;
  return script.runInThisContext().call(exports, exports, require, module, file, path.dirname(file));
}

/** Puts a file in its place at once, as many processes may do at a time; where nothing can be written, nothing is kept. */
function keepFile(file, bytes) {
  const draft = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(draft, bytes);
    fs.renameSync(draft, file);
  } catch {
    if (fs.existsSync(draft)) fs.rmSync(draft, { force: true });
  }
}

/** Code is asked for at the end: by then it has the functions that ran. */
function content(kept, fresh, found) {
  const pieces = [];
  let end = 0;
  const add = (bytes) => {
    pieces.push(bytes);
    end += bytes.length;
    return [end - bytes.length, bytes.length];
  };
  const modules = {};
  for (const [name, { isSame, ...entry }] of kept.modules) {
    if (isSame === false || fresh.has(name)) continue;
    const places = { source: add(kept.bytes(entry.source)), code: add(kept.bytes(entry.code)) };
    modules[name] = { ...entry, ...places, found: { ...entry.found, ...found.get(name) } };
  }
  for (const [name, { source, script, stamp }] of fresh) {
    const encoding = /^[\0-\xff]*$/.test(source) ? 'latin1' : 'utf16le';
    const places = { source: add(Buffer.from(source, encoding)), code: add(script.createCachedData()) };
    modules[name] = { stamp, encoding, ...places, found: found.get(name) ?? {} };
  }
  const list = Buffer.from(JSON.stringify({ when: circumstances(), size: end, modules }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(list.length);
  return Buffer.concat([...pieces, list, length]);
}

module.exports = { keepCode, keepFile, FOLDER };
