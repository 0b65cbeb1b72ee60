// A plugin for TypeDoc. It requires an example for every exported function, class and value, and for every method of a class.
// It turns links to tests into text, because the site would otherwise contain a copy of each test.
import { Application, Converter, ReflectionKind } from 'typedoc';

const valueKinds = ReflectionKind.Function | ReflectionKind.Variable | ReflectionKind.Class;
const memberKinds = ReflectionKind.Method | ReflectionKind.Accessor;

/** @param {Application} app */
export function load(app) {
  app.on(Application.EVENT_VALIDATE_PROJECT, (project) => {
    for (const reflection of withoutExample(project)) {
      app.logger.validationWarning(`${reflection.getFriendlyFullName()} has no example`);
    }
  });
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    document.content = withoutTestLinks(document.content);
  });
}

function withoutExample(project) {
  return project
    .getReflectionsByKind(valueKinds | memberKinds)
    .filter((reflection) => !hasExample(reflection) && isOurs(reflection));
}

/** Members of interfaces need no example of their own, nor do inherited members, such as those of Error. */
function isOurs({ kind, parent, inheritedFrom }) {
  if ((kind & valueKinds) !== 0) return true;
  return parent.kind === ReflectionKind.Class && inheritedFrom === undefined;
}

/** One example is enough for all overloads. */
function hasExample({ comment, signatures = [], getSignature }) {
  const comments = [comment, getSignature?.comment, ...signatures.map((signature) => signature.comment)];
  return comments.some((one) => one?.getTag('@example')?.content.some(({ text }) => text.includes('```ts')));
}

/** Replaces [`file`](../test/file) by `file`. TypeDoc splits it into parts: text up to `[`, code, `](`, the link, `)` and text. */
function withoutTestLinks(content) {
  const parts = content.map((part) => ({ ...part }));
  for (const [index, { kind, text }] of content.entries()) {
    if (kind !== 'relative-link' || !text.startsWith('../test/')) continue;
    const [before, code, between, link, after] = parts.slice(index - 3, index + 2);
    if (code?.kind !== 'code' || between.text !== '](') {
      throw new Error(`the link to ${text} is not of the form [\`file\`](${text})`);
    }
    before.text = before.text.replace(/\[$/, '');
    between.text = '';
    Object.assign(link, { kind: 'text', text: '' });
    after.text = after.text.replace(/^\)/, '');
  }
  return parts;
}
