// Compares the exports of each entry of dist with its report in test/api/, so that the diff of a commit shows every change
// of the API. `--update` writes the reports.
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { CompilerState, ConsoleMessageId, Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const folder = 'test/api';
const wayOut = 'if you intended this, run `npm run api:update` and commit the report with the change';
const update = process.argv.includes('--update');
const entries = Object.values(JSON.parse(readFileSync('package.json', 'utf8')).exports)
  .map((target) => target.import?.types)
  .filter((file) => file !== undefined)
  .map((file) => ({ name: basename(file, '.d.ts'), file: resolve(file) }));
const configs = entries.map(configOf);
const compilerState = CompilerState.create(configs[0], {
  additionalEntryPoints: entries.map(({ file }) => file),
});

mkdirSync(folder, { recursive: true });
const problems = [];
const needed = new Map();
for (const [index, { name }] of entries.entries()) {
  const { apiReportChanged, errorCount } = Extractor.invoke(configs[index], {
    compilerState,
    localBuild: update,
    printApiReportDiff: !update,
    messageCallback: (message) => onMessage(message, name),
  });
  const report = `${folder}/${name}.api.md`;
  if (update) console.log(`${report} ${apiReportChanged ? 'is written' : 'is unchanged'}`);
  else if (apiReportChanged) problems.push(`dist/${name}.d.ts differs from ${report}: ${wayOut}`);
  if (errorCount > 0) problems.push(`API Extractor could not read dist/${name}.d.ts`);
}
const exported = new Set(entries.flatMap(({ file }) => exportsOf(file)));
for (const [symbol, name] of needed) {
  if (!exported.has(symbol)) problems.push(`dist/${name}.d.ts needs ${symbol}, which no entry exports`);
}
for (const file of readdirSync(folder)) {
  if (entries.some(({ name }) => file === `${name}.api.md`)) continue;
  if (update) rmSync(`${folder}/${file}`);
  else problems.push(`${folder}/${file} belongs to no entry: ${wayOut}`);
}

for (const problem of problems) console.error(`error: ${problem}`);
if (problems.length > 0) process.exitCode = 1;
else if (!update) console.log(`${entries.length} entries match ${folder}/`);

function configOf({ name, file }) {
  return ExtractorConfig.prepare({
    packageJsonFullPath: resolve('package.json'),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: resolve('.'),
      newlineKind: 'lf',
      mainEntryPointFilePath: file,
      compiler: { tsconfigFilePath: resolve('tsconfig.json') },
      apiReport: {
        enabled: true,
        reportFileName: name,
        reportFolder: resolve(folder),
        reportTempFolder: resolve('.cache/api'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      // No message goes into a report: it names its file, and names of chunks contain a hash. TypeDoc reports what is
      // undocumented.
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: { default: { logLevel: 'none' } },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  });
}

function onMessage(message, name) {
  message.handled = true;
  const { messageId, text, logLevel } = message;
  if (messageId === 'ae-forgotten-export') {
    // http may use a type that index exports; users cannot name a type that no entry exports
    needed.set(/^The symbol "(.+?)"/.exec(text)[1], name);
  } else if (messageId === ConsoleMessageId.ApiReportDiff || logLevel === 'error') {
    console.error(text);
  }
}

function exportsOf(file) {
  const { program } = compilerState;
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(file));
  return checker.getExportsOfModule(module).map(({ name }) => name);
}
