// A cell may import what is installed with the kernel, where its own folder does not have it: the kernel's packages are shown to
// the compiler in the folder where its search for a package ends, that of the root.
import path from 'node:path';
import type typescript from 'typescript';
import { ts } from './compiler';

const HOLDERS = (require.resolve.paths('x') ?? []).filter((folder) => folder.includes(path.sep));

type Host = Pick<
  typescript.WatchCompilerHostOfFilesAndCompilerOptions<typescript.BuilderProgram>,
  'fileExists' | 'readFile' | 'directoryExists' | 'realpath'
>;

/** Lets a host of the compiler find the kernel's packages last. */
export function withKernelPackages(host: Host): void {
  const last = path.join(path.parse(__dirname).root, 'node_modules') + path.sep;
  const holders = new Map<string, string | undefined>();
  const holderOf = (name: string) => {
    if (!holders.has(name)) {
      const all = [last, ...HOLDERS];
      holders.set(
        name,
        all.find((folder) => ts.sys.directoryExists(path.join(folder, name))),
      );
    }
    return holders.get(name);
  };
  const place = (file: string): string => {
    if (!file.startsWith(last)) return file;
    const rest = file.slice(last.length);
    const [name] = /^(?:@[^/\\]+[/\\])?[^/\\]*/.exec(rest)!;
    return path.join(holderOf(name) ?? last, rest);
  };
  const { fileExists, readFile, directoryExists, realpath } = host;
  host.fileExists = (file) => fileExists.call(host, place(file));
  host.readFile = (file, encoding) => readFile.call(host, place(file), encoding);
  host.directoryExists = (folder) =>
    folder + path.sep === last || (directoryExists?.call(host, place(folder)) ?? false);
  host.realpath = (file) => realpath?.call(host, place(file)) ?? place(file);
}
