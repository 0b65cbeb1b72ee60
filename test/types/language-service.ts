// TypeScript as an editor runs it: the messages of a file, and what a hover shows, on the source or on the built package.
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The files that `tenantry` and its subpaths are read from, from the root of the project. */
export type Entries = Readonly<Record<string, string>>;

export const source: Entries = {
  tenantry: 'src/index.ts',
  'tenantry/memory': 'src/adapters/memory/index.ts',
  'tenantry/testing': 'src/testing/index.ts',
};

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A language service with the options of the project. `files` are given by name, with their texts. */
export function createLanguageService(
  files: ReadonlyMap<string, string>,
  entries: Entries,
): ts.LanguageService {
  const host: ts.ParseConfigFileHost = {
    ...ts.sys,
    readDirectory: () => [],
    onUnRecoverableConfigFileDiagnostic({ messageText }) {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
    },
  };
  const config = ts.getParsedCommandLineOfConfigFile(`${root}tsconfig.json`, undefined, host);
  const paths: Record<string, string[]> = {};
  for (const [name, file] of Object.entries(entries)) paths[name] = [root + file];
  return ts.createLanguageService({
    getCompilationSettings: () => ({ ...config?.options, types: [], paths }),
    getCurrentDirectory: () => root,
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    getScriptFileNames: () => [...files.keys()],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => {
      const text = files.get(path) ?? ts.sys.readFile(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    fileExists: (path) => files.has(path) || ts.sys.fileExists(path),
    readFile: (path) => files.get(path) ?? ts.sys.readFile(path),
    readDirectory: () => [],
    directoryExists: (path) => ts.sys.directoryExists(path),
    getDirectories: (path) => ts.sys.getDirectories(path),
    realpath: (path) => ts.sys.realpath?.(path) ?? path,
  });
}
