// Files that cells import, used as they are now. Node loads them itself (TypeScript through tsx, with source maps); before
// every cell changed files are noticed: they and what imports them are loaded anew, the rest keeps its state.
import type typescript from 'typescript';
import { isOwn, stampOf } from '../imports/modules';
import { ts } from './compiler';

type Listener = typescript.FileWatcherCallback;

/** A file as it was when it was last looked at. */
type Stamp = string;

export class Sources {
  isAnnouncing = false;
  private readonly loaded = new Map<string, Stamp>();
  private readonly watched = new Map<string, { listeners: Set<Listener>; stamp: Stamp }>();
  private readonly folders = new Map<string, Set<typescript.DirectoryWatcherCallback>>();

  /** Takes the place of the compiler's watchers: what they would say late is looked up when it matters. */
  watch(): void {
    ts.sys.watchFile = (file, listener) => this.watchFile(file, listener);
    ts.sys.watchDirectory = (folder, listener) => {
      const listeners = this.folders.get(folder) ?? new Set();
      this.folders.set(folder, listeners.add(listener));
      return { close: () => void listeners.delete(listener) };
    };
  }

  /** Tells the compiler of every project file that has changed. */
  refreshTypes(): void {
    for (const [file, entry] of this.watched) {
      const stamp = stampOf(file);
      if (stamp === entry.stamp) continue;
      const kind = stamp === '' ? ts.FileWatcherEventKind.Deleted : ts.FileWatcherEventKind.Changed;
      entry.stamp = stamp;
      for (const listener of [...entry.listeners]) listener(file, kind);
    }
  }

  /** Tells the compiler of files that have come to be since it looked for them in vain. */
  announce(files: string[]): void {
    this.isAnnouncing = true;
    for (const file of files) {
      for (const [folder, listeners] of this.folders) {
        if (file.startsWith(folder + '/')) for (const listener of [...listeners]) listener(file);
      }
    }
    this.isAnnouncing = false;
  }

  /** Forgets loaded modules that have changed, with all that import them, so that the next import loads them anew. */
  refreshModules(): void {
    const changed = new Set([...this.loaded].filter(([file, stamp]) => stampOf(file) !== stamp).map(([file]) => file));
    if (changed.size === 0) return;
    for (let grown = true; grown;) {
      const size = changed.size;
      for (const module of this.modules()) {
        if (module.children.some((child) => changed.has(child.filename))) changed.add(module.filename);
      }
      grown = changed.size > size;
    }
    for (const file of changed) {
      this.loaded.delete(file);
      Reflect.deleteProperty(require.cache, file);
    }
  }

  /** Notes which modules a cell has loaded. */
  noteModules(): void {
    for (const { filename } of this.modules())
      if (!this.loaded.has(filename)) this.loaded.set(filename, stampOf(filename));
  }

  /** The notebook's own modules in Node's memory. */
  private modules(): NodeJS.Module[] {
    return Object.values(require.cache).filter((module): module is NodeJS.Module => isOwn(module?.filename ?? ''));
  }

  private watchFile(file: string, listener: Listener): typescript.FileWatcher {
    if (!isOwn(file)) return { close: () => undefined };
    const entry = this.watched.get(file) ?? { listeners: new Set<Listener>(), stamp: stampOf(file) };
    entry.listeners.add(listener);
    this.watched.set(file, entry);
    const close = () => {
      entry.listeners.delete(listener);
      if (entry.listeners.size === 0) this.watched.delete(file);
    };
    return { close };
  }
}
