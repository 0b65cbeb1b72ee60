// The documentation of the contract in hovers, from the declarations that users install.
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { hoverFile, hoverOn, memberNames } from '../types/hovers.js';
import { createLanguageService } from '../types/language-service.js';

const file = fileURLToPath(new URL('generated.ts', import.meta.url));
const service = createLanguageService(new Map([[file, hoverFile]]), { tenantry: 'dist/index.d.ts' });
service.getQuickInfoAtPosition(file, 0);

test.each(memberNames)('a hover on %s shows the text and the example of its contract', (member) => {
  const { text, tags } = hoverOn(service, file, ['service', member]);
  expect({ text, tags }).toEqual(hoverOn(service, file, ['contract', member]));
  expect(text).not.toBe('');
  expect(tags.find(([name]) => name === 'example')?.[1]).toContain('createTestWorkspaces');
});

test('a hover on changeRole shows its error codes', () => {
  const { tags } = hoverOn(service, file, ['service', 'changeRole']);
  expect(tags.find(([name]) => name === 'throws')?.[1]).toContain('`OWNER_REQUIRED`');
});
