// What cells import in a browser: the modules of the project and the packages that the bundle holds.
import path from 'node:path';
import { modules } from 'spanlab:modules';
import { BrowserError } from '../node/absent';
import { PROJECT } from '../project';

type Namespace = Record<string, unknown>;

export class Imports {
  readonly filename: string;

  constructor(private readonly folder: string) {
    this.filename = path.join(folder, '__cell__.ts');
  }

  get meta(): Record<string, unknown> {
    const { filename, folder } = this;
    const resolve = (specifier: string) => this.find(specifier) ?? specifier;
    return { url: `file://${filename}`, dirname: folder, filename, resolve };
  }

  readonly require = Object.assign(
    (specifier: string): never => {
      throw new BrowserError('E_BROWSER', `require('${specifier}') is not there in a browser; write import instead`);
    },
    // packages ask for places of others, too
    { resolve: (specifier: string) => `${PROJECT}/node_modules/${specifier}`, cache: require.cache },
  ) as unknown as NodeJS.Require;

  /** Nothing is loaded before a cell asks for it. */
  isImmediate(): boolean {
    return false;
  }

  load(specifier: string): never {
    return this.require(specifier) as never;
  }

  /** @throws BrowserError `E_BROWSER` for what the bundle does not have. */
  async import(specifier: unknown): Promise<Namespace> {
    const name = this.find(String(specifier));
    if (name !== undefined) return modules[name]();
    if (/^https?:/.test(String(specifier))) return (await import(String(specifier))) as Namespace;
    throw new BrowserError('E_BROWSER', `${String(specifier)} is not part of this site; ${ADVICE}`);
  }

  /** The name of a module in the bundle. */
  private find(specifier: string): string | undefined {
    const names = specifier.startsWith('.') ? this.places(specifier) : ofPackage(specifier);
    return names.find((name) => name in modules);
  }

  /** A notebook looks from the project's root and from its own folder, as its imports are written for either. */
  private places(specifier: string): string[] {
    const plain = specifier.replace(/\.(ts|js)$/, '').replace(/^(\.\.?\/)+/, '');
    return [plain, `${plain}/index`];
  }
}

const ADVICE = 'it has spanlab, TensorFlow.js, danfojs and the modules of Node that work in a tab';

function ofPackage(specifier: string): string[] {
  if (specifier === 'spanlab/browser') return ['site/browser/index'];
  const own = /^spanlab(?:\/(.+))?$/.exec(specifier);
  if (own) return [own[1] ? `src/${own[1]}/index` : 'src/index'];
  return [specifier, `node:${specifier}`];
}
