// What the comment of a method says that it throws is what its route may answer with.
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import type { RouteName } from '../../src/http/index.js';
import { routesOf } from '../../src/http/routes.js';
import type { WorkspaceErrorCode } from '../../src/index.js';
import { createTestWorkspaces } from '../../src/testing/index.js';

const FILE = 'src/service/workspace-service.ts';

/** The comment of the class says that any method may throw these, or any that changes something. */
const ofAny: readonly string[] = [
  'INVALID_INPUT',
  'UNAVAILABLE',
  'CONFLICT',
  'VETOED',
] satisfies WorkspaceErrorCode[];

/** Only operators come by these routes, and they hold every permission (H-09). */
const missingInRoute: { readonly [Name in RouteName]?: readonly WorkspaceErrorCode[] } = {
  reserveQuota: ['PERMISSION_DENIED'],
  commitQuota: ['PERMISSION_DENIED'],
  releaseQuota: ['PERMISSION_DENIED'],
};
/** The route asks who opens the account; the method is the host's own call. */
const missingInComment: { readonly [Name in RouteName]?: readonly WorkspaceErrorCode[] } = {
  openAccount: ['ACCOUNT_NOT_FOUND'],
};

const routes = routesOf(createTestWorkspaces().workspaces);
const names = Object.keys(routes).filter((name): name is RouteName => Object.hasOwn(routes, name));
const comments = thrownBy(readFileSync(new URL(`../../${FILE}`, import.meta.url), 'utf8'));

describe('the comment of a method has the codes of its route', () => {
  test.each(names)('%s', (name) => {
    const inRoute = routes[name].refusals.filter((code) => !ofAny.includes(code));
    const expected = [...inRoute, ...(missingInRoute[name] ?? [])].filter(
      (code) => !missingInComment[name]?.includes(code),
    );
    expect(comments.get(name)).toEqual(expected.sort());
  });
});

/** The codes that stand in the `@throws` of each method, sorted. */
function thrownBy(source: string): ReadonlyMap<string, readonly string[]> {
  const codes = new Map<string, readonly string[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isMethodDeclaration(node)) {
      const thrown = ts
        .getJSDocTags(node)
        .filter((tag) => tag.tagName.text === 'throws')
        .flatMap((tag) => [...tag.getText().matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, code = '']) => code));
      const name = node.name.getText();
      codes.set(name, [...new Set([...(codes.get(name) ?? []), ...thrown])].sort());
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(FILE, source, ts.ScriptTarget.Latest, true));
  return codes;
}
