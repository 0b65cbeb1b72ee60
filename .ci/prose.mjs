// Finds the prose of a file: comments, error messages and test titles of code, and the text of Markdown outside code.
// The result has the length and the lines of the file; everything else is blanked out.
import ts from 'typescript';

/** Separates two pieces of prose, so that no expression matches across them. */
const GAP = '\u0000';

const messageProperties = ['message', 'error', 'title', 'detail', 'summary', 'description', 'why'];

/** Returns the prose, or an empty string for a file that is neither code nor Markdown. */
export function proseOf(file, source) {
  if (file.endsWith('.md')) return proseOfMarkdown(source);
  if (/\.([cm]?[jt]s|[jt]sx)$/.test(file)) return proseOfCode(file, source);
  return '';
}

function proseOfMarkdown(source) {
  return source
    .replace(/^---\n[\s\S]*?\n---\n/, blank)
    .replace(/^[ \t]*(`{3,})[\s\S]*?^[ \t]*\1[ \t]*$/gm, blank)
    .replace(/<!--[\s\S]*?-->/g, blank)
    .replace(/(`+)[^`][\s\S]*?\1/g, blank)
    .replace(/\]\([^)\s]*\)/g, blank);
}

function proseOfCode(file, source) {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const prose = source.replace(/\S/g, GAP).split('');
  const keep = (pos, text) => prose.splice(pos, text.length, ...text.split(''));
  const visit = (node) => {
    for (const { pos, end } of commentsAround(node, source))
      keep(pos, proseOfComment(source.slice(pos, end)));
    if (isText(node) && (isMessage(node) || isTestTitle(node)))
      keep(node.getStart(), proseOfString(node.getText()));
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return prose.join('');
}

/** Comments before and after a node, and those alone between braces. Text between JSX tags may look like a comment. */
function commentsAround(node, source) {
  if (ts.isJsxText(node) || (node.parent !== undefined && isBetweenTags(node))) return [];
  const positions = [node.pos, node.end];
  if (source[node.getStart()] === '{') positions.push(node.getStart() + 1);
  return positions.flatMap((position) => [
    ...(ts.getLeadingCommentRanges(source, position) ?? []),
    ...(ts.getTrailingCommentRanges(source, position) ?? []),
  ]);
}

function isBetweenTags({ parent }) {
  return ts.isJsxElement(parent) || ts.isJsxFragment(parent);
}

function proseOfComment(text) {
  return text
    .replace(/@example\b[\s\S]*?(?=^[ \t]*\*[ \t]+@|\*\/)/gm, blank)
    .replace(/(`{3,})[\s\S]*?\1/g, blank)
    .replace(/^\s*(\/\*+|\*+\/|\*+|\/\/+)/gm, blankToSpaces)
    .replace(/\*\/$/, blankToSpaces)
    .replace(/(`+)[^`][^`]*?\1/g, blank);
}

function proseOfString(text) {
  return text.replace(/^['"`]|['"`]$/g, blank).replace(/\$\{[^}]*\}/g, blank);
}

function isText({ kind }) {
  return [
    ts.SyntaxKind.StringLiteral,
    ts.SyntaxKind.NoSubstitutionTemplateLiteral,
    ts.SyntaxKind.TemplateExpression,
  ].includes(kind);
}

/** What an error is created with, and what is assigned to a property that holds a message. */
function isMessage(node) {
  let { parent } = node;
  while (ts.isConditionalExpression(parent) || ts.isBinaryExpression(parent) || ts.isArrowFunction(parent))
    parent = parent.parent;
  if (ts.isNewExpression(parent)) return /Error$/.test(parent.expression.getText());
  return ts.isPropertyAssignment(parent) && messageProperties.includes(parent.name.getText());
}

function isTestTitle(node) {
  const { parent } = node;
  return (
    ts.isCallExpression(parent) &&
    parent.arguments[0] === node &&
    /^(test|it|describe)\b/.test(parent.expression.getText())
  );
}

function blank(text) {
  return text.replace(/\S/g, GAP);
}

function blankToSpaces(text) {
  return text.replace(/\S/g, ' ');
}
