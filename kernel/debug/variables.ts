// Variables and what they hold, as a debugger shows them: a line each, with a number by which more is asked for.
import { writtenName } from '../typescript/names';
import type { Evaluated, Inspector, Preview, RemoteObject } from './cdp';

/** A variable as the Debug Adapter Protocol has it. */
export interface Variable {
  name: string;
  value: string;
  type?: string;
  /** Asks for what it holds; zero when it holds nothing. */
  variablesReference: number;
  evaluateName?: string;
}

interface Property {
  name: string;
  value?: RemoteObject;
  get?: RemoteObject;
  enumerable?: boolean;
  isOwn?: boolean;
  symbol?: RemoteObject;
}

/** JupyterLab shows the values of these types of Python; of others it shows the type, and where there is none the value. */
const TYPES: Record<string, string | undefined> = { number: 'float', boolean: 'bool', string: 'str' };

type Lister = () => Promise<Variable[]>;

const MAX_SHOWN = 1000;

export class Variables {
  private listers: Lister[] = [];

  constructor(private readonly inspector: Inspector) {}

  /** Forgets everything: what was asked about is no more. */
  clear(): void {
    this.listers = [];
  }

  /** What a number stands for. */
  async list(reference: number): Promise<Variable[]> {
    return (await this.listers[reference - 1]?.()) ?? [];
  }

  /** A number for the variables of some scopes; of equal names the first counts. */
  ofScopes(scopes: RemoteObject[]): number {
    return this.reference(async () => {
      const lists = await Promise.all(scopes.map((scope) => this.properties(scope.objectId!)));
      const found = new Map<string, Variable>();
      for (const variable of lists.flat()) {
        const name = writtenName(variable.name);
        if (!found.has(name) && !name.startsWith('__kernel'))
          found.set(name, { ...variable, name, evaluateName: variable.name });
      }
      return [...found.values()];
    });
  }

  /** The variables of all cells: what V8 keeps of scripts. */
  async ofNotebook(): Promise<Variable[]> {
    const { names } = await this.inspector.post<{ names: string[] }>('Runtime.globalLexicalScopeNames');
    const found = await Promise.all(names.map((name) => this.evaluated(name)));
    return found.filter((variable) => variable !== undefined);
  }

  describe(name: string, value: RemoteObject, evaluateName?: string): Variable {
    const holds = value.objectId !== undefined && value.type !== 'symbol';
    return {
      name,
      value: describe(value),
      type: TYPES[value.type],
      variablesReference: holds ? this.reference(() => this.properties(value.objectId!, evaluateName)) : 0,
      ...(evaluateName !== undefined && { evaluateName }),
    };
  }

  /** A variable that has a value already. */
  private async evaluated(name: string): Promise<Variable | undefined> {
    const options = { expression: name, generatePreview: true, silent: true };
    const { result, exceptionDetails } = await this.inspector.post<Evaluated>('Runtime.evaluate', options);
    return exceptionDetails ? undefined : this.describe(writtenName(name), result, name);
  }

  private reference(lister: Lister): number {
    return this.listers.push(lister);
  }

  private async properties(objectId: string, path?: string): Promise<Variable[]> {
    const request = { objectId, ownProperties: true, generatePreview: true };
    const { result, internalProperties = [] } = await this.inspector.post<{
      result: Property[];
      internalProperties?: Property[];
    }>('Runtime.getProperties', request);
    const inner = internalProperties.filter(({ name }) => name === '[[Entries]]' || name === '[[PromiseResult]]');
    const isShown = ({ name, enumerable }: Property) => name !== '__proto__' && (name !== 'length' || enumerable);
    const shown = [...inner, ...result].filter(isShown).slice(0, MAX_SHOWN);
    return shown.map(({ name, value, get, symbol }) => {
      if (!value) return { name, value: get ? '(getter)' : 'not yet set', variablesReference: 0 };
      return this.describe(name, value, path !== undefined && !symbol ? member(path, name) : undefined);
    });
  }
}

/** How to write a member of something. */
function member(path: string, name: string): string | undefined {
  if (name.startsWith('[[')) return undefined;
  if (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) return `${path}.${name}`;
  return /^(?:0|[1-9]\d*)$/.test(name) ? `${path}[${name}]` : `${path}[${JSON.stringify(name)}]`;
}

/** A value in a line. */
export function describe({ type, subtype, value, unserializableValue, description, preview }: RemoteObject): string {
  if (type === 'string') return JSON.stringify(value);
  if (type === 'undefined' || subtype === 'null') return String(value);
  if (type === 'function') return (description ?? 'function').split('\n')[0];
  if (preview && subtype !== 'error' && subtype !== 'regexp' && subtype !== 'date') return describePreview(preview);
  return unserializableValue ?? description ?? JSON.stringify(value);
}

function describePreview({ subtype, description = '', properties, entries, overflow }: Preview): string {
  const more = overflow ? ['…'] : [];
  if (entries) {
    const shown = entries.map(({ key, value }) =>
      key ? `${key.description} => ${value.description}` : value.description,
    );
    return `${description} {${[...shown, ...more].join(', ')}}`;
  }
  const values = properties.map((property) =>
    subtype === 'array' ? shownValue(property) : `${property.name}: ${shownValue(property)}`,
  );
  if (subtype === 'array') return `${description} [${[...values, ...more].join(', ')}]`;
  const name = description === 'Object' ? '' : `${description} `;
  return `${name}{${[...values, ...more].join(', ')}}`;
}

function shownValue({ type, value }: Preview['properties'][number]): string {
  return type === 'string' ? JSON.stringify(value) : (value ?? type);
}
