// Turns every ```ts fence of the guides and of TSDoc comments into a test in doctest/, so that tsc checks it and vitest
// runs it. A value in a comment after an expression, such as `1 + 1; // 2`, is compared with the result. Fences marked
// `ts ignore` are left out. An example has the line numbers of its source file.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const out = 'doctest';
const guides = ['README.md', 'CONTRIBUTING.md'].filter((file) => existsSync(file));
const files = [...guides, ...filesIn('docs', '.md'), ...filesIn('src', '.ts')];

rmSync(out, { recursive: true, force: true });
mkdirSync(out);
let count = 0;
for (const file of files) {
  for (const example of examplesIn(file)) {
    writeFileSync(
      join(out, `${file.replaceAll(/[\\/]/g, '.')}-${example.line}.test.ts`),
      testOf(file, example),
    );
    count += 1;
  }
}
console.log(`${count} examples in ${out}/`);

function filesIn(folder, extension) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(extension))
    .sort()
    .map((name) => join(folder, name));
}

/** The ts fences of a file, each with its code and the number of the code's first line. */
function examplesIn(file) {
  const text = readFileSync(file, 'utf8');
  const lines = (file.endsWith('.ts') ? commentText(text) : text).split(/\r?\n/);
  const examples = [];
  let fence;
  for (const [index, line] of lines.entries()) {
    const mark = /^([ \t]*)(`{3,})[ \t]*([^`]*)$/.exec(line);
    if (fence === undefined) {
      if (mark === null) continue;
      const [, indent, ticks, info] = mark;
      fence = { indent, ticks, words: info.trim().split(/\s+/), line: index + 2, code: [] };
    } else if (mark !== null && mark[3] === '' && mark[2].length >= fence.ticks.length) {
      if (['ts', 'typescript'].includes(fence.words[0]) && !fence.words.includes('ignore')) {
        examples.push({ line: fence.line, code: fence.code.join('\n') });
      }
      fence = undefined;
    } else {
      fence.code.push(line.startsWith(fence.indent) ? line.slice(fence.indent.length) : line.trimStart());
    }
  }
  if (fence !== undefined) throw new Error(`${file}:${fence.line - 1}: this fence is never closed`);
  return examples;
}

/** The text of the TSDoc comments; every other line is empty. */
function commentText(source) {
  let inside = false;
  return source
    .split(/\r?\n/)
    .map((line) => {
      inside ||= /^\s*\/\*\*/.test(line);
      if (!inside) return '';
      inside = !line.includes('*/');
      return line.replace(/^\s*(\/\*\*|\*(?!\/)) ?/, '').replace(/\s*\*\/.*$/, '');
    })
    .join('\n');
}

/** An example as one test: imports and the opening share the first line, so that no other line moves. */
function testOf(file, { line, code }) {
  const title = JSON.stringify(`${file}:${line}`);
  const tree = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true);
  const imports = ["import { expect as expected, test as example } from 'vitest';"];
  const edits = comparisonsIn(tree, code);
  const blank = (start, end) =>
    edits.push({ start, end, text: code.slice(start, end).replaceAll(/[^\n]/g, ' ') });
  for (const statement of tree.statements) {
    if (ts.isImportDeclaration(statement)) {
      imports.push(statement.getText().replaceAll('\n', ' '));
      blank(statement.getStart(), statement.end);
    }
    // a function body holds no export
    const exported = ts.canHaveModifiers(statement)
      ? ts.getModifiers(statement)?.find(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
      : undefined;
    if (exported !== undefined) blank(exported.getStart(), exported.end);
  }
  let body = code;
  for (const { start, end, text } of edits.sort((one, other) => other.start - one.start))
    body = body.slice(0, start) + text + body.slice(end);
  const opening = `${imports.join(' ')} void expected; example(${title}, async () => {`;
  return `${opening}${'\n'.repeat(line - 1)}${line === 1 ? ' ' : ''}${body}\n});\n`;
}

/** The edits that compare each expression and constant with the value in the comment after it. */
function comparisonsIn(tree, code) {
  const edits = [];
  const visit = (node) => {
    const [name] = ts.isVariableStatement(node)
      ? node.declarationList.declarations.map((one) => one.name)
      : [];
    const value = valueBehind(code, node.end);
    if (value !== null && name !== undefined && ts.isIdentifier(name))
      edits.push({ start: node.end, end: node.end, text: ` expected(${name.text}).toEqual(${value});` });
    if (value !== null && ts.isExpressionStatement(node) && !node.getText().startsWith('console.log(')) {
      edits.push({ start: node.getStart(), end: node.getStart(), text: 'expected(' });
      edits.push({ start: node.expression.end, end: node.end, text: `).toEqual(${value});` });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return edits;
}

/** The value at the start of a line's comment: `'a'` for `// 'a', for one`, null for `// a word`. */
function valueBehind(code, end) {
  const [, comment] = /^[ ]*\/\/ (.*)/.exec(code.slice(end)) ?? [];
  if (comment === undefined || comment.includes('...')) return null;
  const ends = [comment.length, ...[...comment.matchAll(/[:,](?= )/g)].map(({ index }) => index).reverse()];
  return ends.map((to) => comment.slice(0, to)).find(isValue) ?? null;
}

function isValue(text) {
  const { parseDiagnostics, statements } = ts.createSourceFile(
    'value.ts',
    `(${text});`,
    ts.ScriptTarget.Latest,
    true,
  );
  const [statement] = statements;
  return (
    parseDiagnostics.length === 0 &&
    statements.length === 1 &&
    ts.isExpressionStatement(statement) &&
    ts.isParenthesizedExpression(statement.expression) &&
    isLiteral(statement.expression.expression)
  );
}

function isLiteral(node) {
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isLiteral);
  if (ts.isObjectLiteralExpression(node))
    return node.properties.every((one) =>
      ts.isPropertyAssignment(one) ? isLiteral(one.initializer) : ts.isShorthandPropertyAssignment(one),
    );
  if (ts.isPrefixUnaryExpression(node)) return isLiteral(node.operand);
  return (
    ts.isLiteralExpression(node) ||
    [ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword, ts.SyntaxKind.NullKeyword].includes(node.kind) ||
    (ts.isIdentifier(node) && node.text === 'undefined')
  );
}
