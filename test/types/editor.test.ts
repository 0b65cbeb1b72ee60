// What an editor shows: messages that name the cause of a mistake, and the documentation of a method. Each message is
// written below its mistake.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { hoverFile, hoverOn, memberNames } from './hovers.js';
import { createLanguageService, source } from './language-service.js';

const folder = fileURLToPath(new URL('mistakes/', import.meta.url));
const mistakes = readdirSync(folder).map(
  (name) => [folder + name, readFileSync(folder + name, 'utf8')] as const,
);
const hovers = fileURLToPath(new URL('generated.ts', import.meta.url));
const service = createLanguageService(new Map([...mistakes, [hovers, hoverFile]]), source);
// One program for all files, compiled before the first test, so that its time is not that of one test.
const compiled = mistakes.map(([file, text]) => {
  const diagnostics = [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)];
  return [titleOf(text), diagnostics.map(({ messageText }) => causeIn(messageText)), text] as const;
});

describe('the compiler names the cause of', () => {
  test.each(compiled)('%s', (_, messages, text) => {
    expect(messages).toEqual(messagesIn(text));
  });
});

describe('a hover on a member shows the documentation of its contract', () => {
  test.each(memberNames)('%s', (member) => {
    const { text, tags } = hoverOn(service, hovers, ['service', member]);
    expect({ text, tags }).toEqual(hoverOn(service, hovers, ['contract', member]));
    expect(text).not.toBe('');
    expect(tags.find(([name]) => name === 'example')?.[1]).toContain('createTestWorkspaces');
  });

  test('with the error codes', () => {
    const { tags } = hoverOn(service, hovers, ['service', 'changeRole']);
    expect(tags.find(([name]) => name === 'throws')?.[1]).toContain('`OWNER_REQUIRED`');
  });
});

/**
 * The first line of a message. If an argument lacks a property, TypeScript writes its types there, and the name of the
 * property on the second line.
 */
function causeIn(message: string | ts.DiagnosticMessageChain): string {
  if (typeof message === 'string') return message;
  const [next] = message.next ?? [];
  return next !== undefined && isMissing(next) ? next.messageText : message.messageText;
}

function isMissing({ messageText }: ts.DiagnosticMessageChain): boolean {
  return /^Property '\w+' is missing|is missing the following properties/.test(messageText);
}

/** The comment on the first line of a file. */
function titleOf(text: string): string {
  const [first = ''] = text.split('\n');
  return first.replace('// ', '');
}

/** The comments below the first one that begin with a capital. */
function messagesIn(text: string): string[] {
  const lines = text.split('\n').slice(1);
  return lines.filter((line) => /^\/\/ [A-Z]/.test(line)).map((line) => line.replace('// ', ''));
}
