// What the cells that ran declared, as it was written: for help, which the compiler has no text of.
import type typescript from 'typescript';
import { ts } from '../typescript/compiler';

/** A declaration of a cell. */
interface Declaration {
  text: string;
  documentation: string;
}

export class CellSources {
  private readonly declarations = new Map<string, Declaration>();

  /** Notes what a cell declares at its top. */
  add(code: string): void {
    const file = ts.createSourceFile('cell.ts', code, ts.ScriptTarget.Latest, true);
    for (const statement of file.statements) {
      const declaration = { text: statement.getText(file), documentation: documentationOf(statement) };
      for (const name of namesOf(statement)) this.declarations.set(name, declaration);
    }
  }

  find(name: string): Declaration | undefined {
    return this.declarations.get(name);
  }
}

function namesOf(statement: typescript.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  }
  const { name } = statement as typescript.Statement & { name?: typescript.Node };
  return name && ts.isIdentifier(name) ? [name.text] : [];
}

/** Words and tags of the comment before a statement. */
function documentationOf(statement: typescript.Statement): string {
  const { jsDoc: comments = [] } = statement as { jsDoc?: typescript.JSDoc[] };
  const parts = comments.flatMap(({ comment, tags = [] }) => [
    ts.getTextOfJSDocComment(comment),
    ...tags.map((tag) => `*@${tag.tagName.text}* ${nameOf(tag)}${ts.getTextOfJSDocComment(tag.comment) ?? ''}`),
  ]);
  return parts.filter(Boolean).join('\n\n');
}

function nameOf(tag: typescript.JSDocTag): string {
  return ts.isJSDocParameterTag(tag) ? `${tag.name.getText()} ` : '';
}
