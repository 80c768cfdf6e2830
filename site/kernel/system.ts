// What the compiler sees as the files of a computer: the declarations of the site, and the files in memory.
import type typescript from 'typescript';
import { ts } from '../../kernel/typescript/compiler';
import { memory } from '../node/files';
import { PROJECT } from '../project';

/** Texts by place. */
type Texts = Record<string, string>;

/** Gives the compiler its system; to be called before a cell is compiled. */
export function installSystem(texts: Texts): void {
  const folders = foldersOf(Object.keys(texts));
  const system: typescript.System = {
    args: [],
    newLine: '\n',
    useCaseSensitiveFileNames: true,
    write: () => undefined,
    readFile: (file) => texts[file] ?? (isFile(file) ? memory.readFileSync(file, 'utf8') : undefined),
    writeFile: () => undefined,
    resolvePath: (file) => file,
    fileExists: (file) => file in texts || isFile(file),
    directoryExists: (folder) => folders.has(withoutSlash(folder)),
    createDirectory: () => undefined,
    getExecutingFilePath: () => `${PROJECT}/node_modules/typescript/lib/typescript.js`,
    getCurrentDirectory: () => PROJECT,
    getDirectories: (folder) => [...(folders.get(withoutSlash(folder)) ?? [])],
    readDirectory: () => [],
    exit: () => undefined,
    setTimeout: (call: () => void, milliseconds: number) => setTimeout(call, milliseconds),
    clearTimeout: (timer: number) => clearTimeout(timer),
  };
  (ts as unknown as { setSys(system: typescript.System): void }).setSys(system);
}

/** Of TypeScript: other files in memory are none of the compiler's. */
function isFile(file: string): boolean {
  return /\.(ts|json)$/.test(file) && !file.includes('/node_modules/') && memory.existsSync(file);
}

function withoutSlash(folder: string): string {
  return folder.length > 1 && folder.endsWith('/') ? folder.slice(0, -1) : folder;
}

/** Every folder with the names of those in it. */
function foldersOf(files: string[]): Map<string, Set<string>> {
  const folders = new Map<string, Set<string>>();
  for (const file of files) {
    const parts = file.split('/').slice(1, -1);
    parts.forEach((name, i) => {
      const above = `/${parts.slice(0, i).join('/')}`;
      folders.set(above, (folders.get(above) ?? new Set()).add(name));
      const own = `/${parts.slice(0, i + 1).join('/')}`;
      if (!folders.has(own)) folders.set(own, new Set());
    });
  }
  return folders;
}
