// What kind of module a file is, and whether it is still the same.
import fs from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';

/** The kernel's own files are not the notebook's. */
const KERNEL = path.resolve(__dirname, '..') + path.sep;

/** Whether a file is a person's: of no package that is installed, nor the kernel's. */
export function isOwn(file: string): boolean {
  return file !== '' && !file.startsWith(KERNEL) && !isOfPackage(file);
}

function isOfPackage(file: string): boolean {
  return file.includes(`${path.sep}node_modules${path.sep}`);
}

/** Whether a file belongs to a package, and is a module, which `import` loads. */
export function isPackageModule(file: string): boolean {
  if (isBuiltin(file) || !isOfPackage(file)) return false;
  const extension = path.extname(file);
  if (extension !== '.js') return extension === '.mjs';
  const type = packageType(path.dirname(file));
  return type === undefined ? isWrittenAsModule(file) : type === 'module';
}

const written = new Map<string, boolean>();

/** Whether a file that its package says nothing about is a module, by its text, as Node tells. */
function isWrittenAsModule(file: string): boolean {
  let isModule = written.get(file);
  if (isModule === undefined) written.set(file, (isModule = hasModuleText(fs.readFileSync(file, 'utf8'))));
  return isModule;
}

function hasModuleText(text: string): boolean {
  if (!/\b(?:import|export)\b/.test(text)) return false;
  try {
    vm.compileFunction(text.replace(/^#!/, '//'), ['exports', 'require', 'module', '__filename', '__dirname']);
    return false;
  } catch {
    return true;
  }
}

function packageType(folder: string): string | undefined {
  const file = path.join(folder, 'package.json');
  if (fs.existsSync(file)) return (JSON.parse(fs.readFileSync(file, 'utf8')) as { type?: string }).type;
  const above = path.dirname(folder);
  return above === folder ? undefined : packageType(above);
}

/** A file as it is now: another time, length or place is another file. Empty where there is none. */
export function stampOf(file: string): string {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs} ${stat.size} ${stat.ino}` : '';
}
