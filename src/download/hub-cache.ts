// The cache that all Hugging Face programs share on a machine, in Python's layout: what one fetched, the others find.
// models--owner--name/{refs/main, snapshots/COMMIT/config.json -> ../../blobs/ETAG, blobs/ETAG, .no_exist/COMMIT/vocab.txt}
import fs from 'node:fs';
import path from 'node:path';
import { writeAtomically } from '../staged-file';
import { hubCache } from './hub-environment';
import type { Repository } from './hub-repository';
import { makeFolder } from '../make-folder';

/** Tells backup programs that all of this can be had again (bford.info/cachedir). */
const CACHE_TAG = 'Signature: 8a477f597d28d172789f06886806bc55\n# Files of the Hugging Face hub.\n';

const COMMIT = /^[0-9a-f]{40}$/;

/** One repository's place in the cache. */
export class HubCache {
  private readonly folder: string;
  private readonly name: string;

  constructor(private readonly repository: Repository) {
    this.name = [`${repository.kind}s`, ...repository.name.split('/')].join('--');
    this.folder = path.join(hubCache(), this.name);
  }

  /** The commit that the revision was when it was last asked for. */
  commit(): string | undefined {
    const { revision } = this.repository;
    if (COMMIT.test(revision)) return revision;
    const ref = path.join(this.folder, 'refs', revision);
    return fs.existsSync(ref) ? fs.readFileSync(ref, 'utf8').trim() : undefined;
  }

  /** Where the files of a commit are. */
  snapshot(commit: string): string {
    return path.join(this.folder, 'snapshots', commit);
  }

  /** The path of a file that is there. */
  find(file: string, commit = this.commit()): string | undefined {
    if (commit === undefined) return undefined;
    const pointer = path.join(this.snapshot(commit), file);
    return fs.existsSync(pointer) ? pointer : undefined;
  }

  /** Whether the hub has said that the commit holds no such file. */
  isKnownMissing(file: string, commit: string): boolean {
    return fs.existsSync(path.join(this.folder, '.no_exist', commit, file));
  }

  rememberMissing(file: string, commit: string): void {
    const note = path.join(this.folder, '.no_exist', commit, file);
    makeFolder(path.dirname(note));
    fs.writeFileSync(note, '');
  }

  /** Notes which commit the revision is; a reader never sees half of it. */
  rememberCommit(commit: string): void {
    const { revision } = this.repository;
    if (revision === commit || this.commit() === commit) return;
    const ref = path.join(this.folder, 'refs', revision);
    makeFolder(path.dirname(ref));
    writeAtomically(ref, commit);
  }

  /** Where the bytes with this tag go. */
  blob(etag: string): string {
    return path.join(this.folder, 'blobs', etag);
  }

  /** Our lock of a blob; Python's, a file that the system locks, cannot be had in Node and lies next to it. */
  lock(etag: string): string {
    return path.join(hubCache(), '.locks', this.name, `${etag}.spanlab`);
  }

  /** Gives a blob its name in a commit; where there are no symbolic links (Windows) the file itself goes there, as in Python. */
  link(file: string, commit: string, etag: string): string {
    const [pointer, blob] = [path.join(this.snapshot(commit), file), this.blob(etag)];
    makeFolder(path.dirname(pointer));
    this.tagCache();
    const relative = path.relative(path.dirname(pointer), blob);
    try {
      fs.symlinkSync(relative, pointer);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST' && !fs.existsSync(pointer)) {
        fs.rmSync(pointer); // it led to a blob that was deleted
        fs.symlinkSync(relative, pointer);
      } else if (code === 'EPERM') fs.renameSync(blob, pointer);
      else if (code !== 'EEXIST') throw error;
    }
    return pointer;
  }

  private tagCache(): void {
    const tag = path.join(hubCache(), 'CACHEDIR.TAG');
    if (!fs.existsSync(tag)) fs.writeFileSync(tag, CACHE_TAG);
  }
}
