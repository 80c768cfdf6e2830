// Errors a person can act on: what was wrong, where, what to do, and a code that scripts can test.
import { printable } from './printable';

/**
 * The base of every error that spanlab throws on purpose.
 *
 * @example throw new SpanlabError('E_FILE_MISSING', 'no such file: train.json; check the path')
 */
export class SpanlabError extends Error {
  /** Stable identifier, `E_` and upper-case words, for example `E_SQUAD_SCHEMA`. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(printable(message), options); // messages quote files, and files may hold anything
    this.name = new.target.name;
    this.code = code;
  }
}

/** A file or folder that cannot be read or written: `E_FILE_MISSING`, `E_FILE_PERMISSION`, `E_DISK_FULL`, `E_FILE`. */
export class FileError extends SpanlabError {}

const FILE_CODES: Record<string, [code: string, advice: string]> = {
  ENOENT: ['E_FILE_MISSING', 'no such file or folder; check the path'],
  EACCES: ['E_FILE_PERMISSION', 'permission denied; choose another place or change the permissions'],
  EPERM: ['E_FILE_PERMISSION', 'operation not permitted; choose another place or change the permissions'],
  EROFS: ['E_FILE_PERMISSION', 'the file system is read-only; choose another place'],
  ENOSPC: ['E_DISK_FULL', 'no space left on the disk; free some and run the same command again'],
  EDQUOT: ['E_DISK_FULL', 'your share of the disk is used up; free some and run the same command again'],
  EFBIG: [
    'E_DISK_FULL',
    'the file would be larger than this system lets a file be; raise the limit (ulimit -f) or choose another place',
  ],
  EEXIST: ['E_FILE', 'something else is there already; move it away or choose another place'],
  EIO: ['E_FILE', 'the disk reports an error; check it, or choose another place'],
  EMFILE: ['E_FILE', 'too many files are open; raise the limit (ulimit -n) and run the same command again'],
  ENFILE: ['E_FILE', 'too many files are open on this machine; close some programs and run the same command again'],
  ENAMETOOLONG: ['E_FILE', 'the name is too long for this system; choose a shorter one'],
  ESTALE: ['E_FILE', 'the network disk has lost the file; run the same command again'],
  ERR_INVALID_ARG_VALUE: ['E_FILE', 'no file can have this name; choose another'],
  EISDIR: ['E_FILE', 'this is a folder, a file was expected'],
  ELOOP: ['E_FILE', 'its links lead in a circle; make the link anew'],
  ENXIO: ['E_FILE', 'this is no regular file but a device or a pipe; a file was expected'],
  ENOTDIR: ['E_FILE', 'a part of this path is a file, a folder was expected'],
};

/** Turns a Node.js system error (`ENOENT`, `ENOSPC`, …) at `path` into a {@link FileError}; other values come back as they are. */
export function toFileError(error: unknown, path: string): unknown {
  const known = FILE_CODES[codeOf((error ?? {}) as Partial<NodeJS.ErrnoException>)];
  return known ? new FileError(known[0], `${path}: ${known[1]}`, { cause: error }) : error;
}

/** What Node 24 and later say where `rmSync` fails in a way that they have no code for: the C library's words. */
const WORDS: Record<string, string> = {
  'Too many open files in system': 'ENFILE',
  'Too many open files': 'EMFILE',
  'No space left on device': 'ENOSPC',
  'Read-only file system': 'EROFS',
  'Input/output error': 'EIO',
};

function codeOf({ code = '', syscall, message = '' }: Partial<NodeJS.ErrnoException>): string {
  if (code !== '' || syscall !== 'rm') return code;
  return WORDS[Object.keys(WORDS).find((words) => message.includes(words)) ?? ''] ?? '';
}
