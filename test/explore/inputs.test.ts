// Inputs that the tables over all commands derive from a schema: a field that no table knows needs an example.
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { commands } from '../../src/commands/index.js';
import { defaultMatrix } from '../../src/core/permission-matrix.js';
import type { Commands } from '../../src/testing/explore/generators.js';
import { movesOf } from '../../src/testing/explore/moves.js';
import { examplesOf, inputOf } from '../../src/testing/inputs.js';

const color = z.string().check(z.regex(/^#[0-9a-f]{6}$/));

test('S-12 a required field that is not known takes each example of its schema', () => {
  const withExamples = color.check(z.meta({ examples: ['#1e90ff', '#ffffff'] }));
  expect(colorsOf(movesOf(withColor(withExamples), ['ada'], defaultMatrix.roles))).toEqual(
    new Set(['#1e90ff', '#ffffff']),
  );
  expect(inputOf({ input: z.strictObject({ color: withExamples }) }, {})).toEqual({ color: '#1e90ff' });
});

test('S-12 without an example it is an error that names the field, and what to add', () => {
  const message =
    /^the field 'color' has no example: add z\.meta\(\{ examples: \[\.\.\.\] \}\) to its schema$/;
  expect(() => movesOf(withColor(color), ['ada'], defaultMatrix.roles)).toThrow(message);
  expect(() => examplesOf({ input: z.strictObject({ color }) }, 'color')).toThrow(message);
});

test('S-12 an optional field that is not known is left out', () => {
  const moves = movesOf(withColor(z.optional(color)), ['ada'], defaultMatrix.roles);
  expect(colorsOf(moves)).toEqual(new Set([undefined]));
  expect(inputOf({ input: z.strictObject({ color: z.optional(color) }) }, {})).toEqual({});
});

/** The shipped commands, of which one takes a color, too. */
function withColor(field: z.ZodMiniType): Commands {
  const { renameWorkspace } = commands;
  const input = z.extend(renameWorkspace.input, { color: field });
  return { ...commands, renameWorkspace: { ...renameWorkspace, input } };
}

function colorsOf(moves: ReturnType<typeof movesOf>): ReadonlySet<unknown> {
  const inputs = [...moves.in({ accounts: [null], team: 'none' })]
    .filter(({ command }) => command === 'renameWorkspace')
    .map(({ input }) => Object.entries(input).find(([name]) => name === 'color')?.[1] as unknown);
  return new Set(inputs);
}
