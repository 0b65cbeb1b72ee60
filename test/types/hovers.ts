// What an editor shows when the pointer is on a method of the service, and on the same method of its contract.
import ts from 'typescript';
import { WorkspaceService } from '../../src/index.js';

export interface Hover {
  readonly text: string;
  /** Names and texts of its tags, such as `throws`. */
  readonly tags: readonly (readonly [name: string, text: string])[];
}

/** The public methods of the class, and its property. */
export const memberNames = [
  'permissions',
  ...Object.getOwnPropertyNames(WorkspaceService.prototype).filter((name) => name !== 'constructor'),
];

const objects = ['service', 'contract'] as const;

/** A file that names every member of both, to give to a language service. */
export const hoverFile = `import type { ServiceContract, WorkspaceService } from 'tenantry';
declare const service: WorkspaceService;
declare const contract: ServiceContract<string, string, WorkspaceService>;
${objects.flatMap((object) => memberNames.map((member) => `${object}.${member};`)).join('\n')}
`;

export function hoverOn(
  service: ts.LanguageService,
  file: string,
  [object, member]: readonly [(typeof objects)[number], string],
): Hover {
  const position = hoverFile.indexOf(`${object}.${member};`) + object.length + 1;
  const info = service.getQuickInfoAtPosition(file, position);
  return {
    text: ts.displayPartsToString(info?.documentation),
    tags: (info?.tags ?? []).map(({ name, text }) => [name, ts.displayPartsToString(text)]),
  };
}
