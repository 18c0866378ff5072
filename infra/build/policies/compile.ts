import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  collectEngineAnswers,
  engineAnswersFile,
  hashSources,
  readEngineAnswers,
} from './engine-answers.ts';
import { parseSchema, renderSchemaTypes } from './schema.ts';
import { listProblems, policyFolder, readPolicies, readSchema } from './sources.ts';
import { renderPolicies } from './translate.ts';

const { resolve } = createRequire(import.meta.url);

/**
 * Compiles the Cedar policies to TypeScript modules, by path. Throws if strict validation finds a
 * problem, or for constructs that the compiler does not support.
 */
export function compilePolicies(): Readonly<Record<string, string>> {
  const policies = readPolicies();
  const schema = readSchema();
  const problems = listProblems(policies, schema);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const parsedSchema = parseSchema(schema);
  return {
    [join(policyFolder, 'schema.ts')]: format(renderSchemaTypes(parsedSchema)),
    [join(policyFolder, 'compiled.ts')]: format(renderPolicies(policies, parsedSchema)),
  };
}

const format = (code: string, file = 'compiled.ts'): string =>
  execFileSync(
    process.execPath,
    [resolve('@biomejs/biome/bin/biome'), 'format', `--stdin-file-path=${file}`],
    { input: code, encoding: 'utf8', cwd: join(import.meta.dirname, '../../..') },
  );

/** Updates the engine's answers if the policies have changed. */
function updateEngineAnswers(): void {
  const policies = readPolicies();
  const schema = parseSchema(readSchema());
  const isCurrent =
    existsSync(engineAnswersFile) && readEngineAnswers().hash === hashSources(policies, schema);
  if (isCurrent) return;
  console.log('Evaluating the requests of the tests with Cedar, in about 10 s …');
  const answers = collectEngineAnswers(policies, schema);
  writeFileSync(engineAnswersFile, format(JSON.stringify(answers), 'answers.json'));
}

if (import.meta.main) {
  for (const [path, code] of Object.entries(compilePolicies())) writeFileSync(path, code);
  updateEngineAnswers();
}
