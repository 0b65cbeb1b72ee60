// The `@throws` comments of a method and the error codes of the registry agree.
import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { methods } from '../../src/index.js';
import { everyMethod } from '../methods.js';

const CONTRACT = new URL('../../src/service/contract/', import.meta.url);

/** The comment of the class says that any method may throw these, or any that changes something. */
const ofAny = ['INVALID_INPUT', 'UNAVAILABLE', 'CONFLICT', 'VETOED'];

const comments = new Map(
  readdirSync(CONTRACT).flatMap((file) => [...thrownBy(readFileSync(new URL(file, CONTRACT), 'utf8'))]),
);

describe('the @throws of a method are its error codes', () => {
  test.each(everyMethod)('%s', (name) => {
    const codes = comments.get(name)?.filter((code) => !ofAny.includes(code));
    expect(codes).toEqual([...methods[name].errors].sort());
  });
});

/** The codes in the `@throws` of each documented method, sorted. */
function thrownBy(source: string): ReadonlyMap<string, readonly string[]> {
  const codes = new Map<string, readonly string[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isMethodSignature(node)) {
      const thrown = ts
        .getJSDocTags(node)
        .filter((tag) => tag.tagName.text === 'throws')
        .flatMap((tag) => [...tag.getText().matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, code = '']) => code));
      const name = node.name.getText();
      codes.set(name, [...new Set([...(codes.get(name) ?? []), ...thrown])].sort());
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('contract.ts', source, ts.ScriptTarget.Latest, true));
  return codes;
}
