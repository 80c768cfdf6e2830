// A file of one's own, TypeScript or a module, as a script that Node runs as CommonJS: it is a function that is handed to
// `module.run`, asynchronous where the file awaits at its top. What it asks of its module goes by `__kernel_file`: imports, `import()`
// and `import.meta`. Names like `require` and `__filename`, which modules like to declare themselves, are not in its way.
import type typescript from 'typescript';
import { ts } from '../typescript/compiler';
import { KERNEL_NAME } from '../typescript/names';

const { factory } = ts;

const FILE = `${KERNEL_NAME}_file`;

/** @throws SyntaxError naming file and line. */
export function fileScript(file: string, text: string, options: typescript.CompilerOptions, waits: boolean): string {
  const {
    outputText,
    sourceMapText,
    diagnostics = [],
  } = ts.transpileModule(text.replace(/^#!/, '//'), {
    // by the ending of a module the compiler would leave it one
    fileName: file.replace(/\.[cm]([jt]s)$/, '.$1'),
    compilerOptions: {
      jsx: ts.JsxEmit.React,
      ...options,
      allowJs: true,
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
      sourceMap: true,
    },
    transformers: { before: [toFile], after: [importsOf(waits)] },
    reportDiagnostics: true,
  });
  for (const diagnostic of diagnostics) if (diagnostic.code < 2000) throw syntaxError(file, diagnostic);
  const code = outputText.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '');
  // on the first line: the lines of the map stay as they are
  return `module.run(${waits ? 'async ' : ''}(${FILE}) => {${code}\n})\n${inline(sourceMapText!, file)}`;
}

function inline(map: string, file: string): string {
  const text = JSON.stringify({ ...(JSON.parse(map) as object), sources: [file] });
  return `//# sourceMappingURL=data:application/json;base64,${Buffer.from(text).toString('base64')}`;
}

function syntaxError(file: string, { file: source, start = 0, messageText }: typescript.Diagnostic): SyntaxError {
  const { line, character } = ts.getLineAndCharacterOfPosition(source!, start);
  return new SyntaxError(`${file}:${line + 1}:${character + 1}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}

/** `import.meta` and `import()`, while the compiler has not made something else of them. */
const toFile: typescript.TransformerFactory<typescript.SourceFile> = (context) => (file) => {
  const visit = (node: typescript.Node): typescript.Node => {
    const inner = ts.visitEachChild(node, visit, context);
    if (ts.isMetaProperty(inner) && inner.keywordToken === ts.SyntaxKind.ImportKeyword) return ofFile('meta');
    const isImport = ts.isCallExpression(inner) && inner.expression.kind === ts.SyntaxKind.ImportKeyword;
    if (!isImport) return inner;
    return ts.setTextRange(factory.createCallExpression(ofFile('import'), undefined, inner.arguments), inner);
  };
  return ts.visitEachChild(file, visit, context);
};

/** What the compiler has made of imports, `require('m')`, as the file's own, waited for where it waits. */
function importsOf(waits: boolean): typescript.TransformerFactory<typescript.SourceFile> {
  return (context) => (file) => {
    const visit = (node: typescript.Node): typescript.Node => {
      // `import a = require('m')` is what it says
      if (ts.isImportEqualsDeclaration(ts.getOriginalNode(node))) return node;
      // what was written by a person has a place
      const isMade = ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.pos < 0;
      if (!isMade || (node.expression as typescript.Identifier).text !== 'require') {
        return ts.isFunctionLike(node) ? node : ts.visitEachChild(node, visit, context);
      }
      const call = factory.createCallExpression(ofFile(waits ? 'wait' : 'imported'), undefined, node.arguments);
      return ts.setTextRange(waits ? factory.createParenthesizedExpression(factory.createAwaitExpression(call)) : call, node); // prettier-ignore
    };
    return ts.visitEachChild(file, visit, context);
  };
}

function ofFile(name: string): typescript.Expression {
  return factory.createPropertyAccessExpression(factory.createIdentifier(FILE), name);
}
