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
      const [holder] = namesOf(statement);
      for (const member of membersOf(statement)) {
        const name = member.name?.getText(file);
        const own = { text: member.getText(file), documentation: documentationOf(member) };
        if (name !== undefined) this.declarations.set(`${holder}.${name}`, own);
      }
    }
  }

  /** @param holder The class or type that it is a member of. */
  find(name: string, holder = ''): Declaration | undefined {
    return this.declarations.get(this.declarations.has(holder) ? `${holder}.${name}` : name);
  }
}

function namesOf(statement: typescript.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  }
  const { name } = statement as typescript.Statement & { name?: typescript.Node };
  return name && ts.isIdentifier(name) ? [name.text] : [];
}

function membersOf(statement: typescript.Statement): readonly (typescript.Node & { name?: typescript.Node })[] {
  if (ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement)) return statement.members;
  if (ts.isEnumDeclaration(statement)) return statement.members;
  return ts.isTypeAliasDeclaration(statement) && ts.isTypeLiteralNode(statement.type) ? statement.type.members : [];
}

/** Words and tags of the comment before a statement or a member. */
function documentationOf(node: typescript.Node): string {
  const { jsDoc: comments = [] } = node as { jsDoc?: typescript.JSDoc[] };
  const parts = comments.flatMap(({ comment, tags = [] }) => [
    ts.getTextOfJSDocComment(comment),
    ...tags.map((tag) => `*@${tag.tagName.text}* ${nameOf(tag)}${ts.getTextOfJSDocComment(tag.comment) ?? ''}`),
  ]);
  return parts.filter(Boolean).join('\n\n');
}

function nameOf(tag: typescript.JSDocTag): string {
  return ts.isJSDocParameterTag(tag) ? `${tag.name.getText()} ` : '';
}
