import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'roster-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const layerRules = ['eslint(no-restricted-imports)', 'eslint(no-restricted-properties)', 'import(no-cycle)'];

/** What the project's linter says of a source tree, as far as layers go. */
const lint = (cwd: string): string[] => {
  const oxlint = join(process.cwd(), 'node_modules/oxlint/bin/oxlint');
  const { stdout } = spawnSync(process.execPath, [oxlint, '--format', 'json'], { cwd, encoding: 'utf8' });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  return diagnostics.filter(({ code }) => layerRules.includes(code)).map(({ code, filename }) => `${code} ${filename}`);
};

/** What the linter says of these files, in a tree of their own, by the rules on layers. */
const lintFiles = (sources: Readonly<Record<string, string>>): string[] => {
  const tree = mkdtempSync(join(folder, 'tree-'));
  copyFileSync('.oxlintrc.json', join(tree, '.oxlintrc.json'));
  for (const [file, source] of Object.entries(sources)) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), source);
  }
  return lint(tree).toSorted();
};

/** Those of the imports that are refused; each is put into a file of its own. */
const refused = (imports: readonly (readonly [from: string, to: string])[]): string[] => {
  const files = imports.map(([from, to], index) => [
    `${from}/file-${index}.ts`,
    `import * as all from '${to}';\nexport const used = all;\n`,
  ]);
  const found = lintFiles(Object.fromEntries(files) as Record<string, string>);
  const isRefused = (index: number) =>
    found.some((finding) => finding.startsWith('eslint(no-restricted-imports)') && finding.endsWith(`/file-${index}.ts`));
  return imports.filter((_, index) => isRefused(index)).map((pair) => pair.join(' → '));
};

describe('imports point one way', () => {
  const allowed = [
    ['functions', '../lib/http/endpoint.ts'],
    ['functions', '../lib/dialects/native/user.ts'],
    ['functions', '../lib/domain/users/get-user.ts'],
    ['functions', '../lib/deps.ts'],
    ['functions', 'node:fs'],
    ['lib/http', '../dialects/manners.ts'],
    ['lib/http', '../domain/failure.ts'],
    ['lib/http', '@middy/core'],
    ['lib/http', './routes.ts'],
    ['lib/dialects/native', '../../domain/ids.ts'],
    ['lib/dialects/native', '../fields.ts'],
    ['lib/dialects', 'zod'],
    ['lib/domain/users', '../policy.ts'],
    ['lib/domain', '@cedar-policy/cedar-wasm/nodejs'],
    ['lib/domain', 'node:crypto'],
    ['lib/store', '../domain/users/user.ts'],
    ['lib/store', '@aws-sdk/lib-dynamodb'],
    ['lib/events', '../domain/users/create-user.ts'],
    ['lib/events', '../dialects/parse.ts'],
    ['lib/aws', '@aws-sdk/client-kms'],
    ['lib', './store/users.ts'],
    ['lib', '@aws-sdk/client-dynamodb'],
    ['infra', '../lib/http/routes.ts'],
    ['test', '../infra/stack.ts'],
  ] as const;

  const forbidden = [
    ['functions', '../infra/config.ts'],
    ['functions', '../test/steps.ts'],
    ['functions', '@aws-sdk/client-dynamodb'],
    ['functions', 'zod'],
    ['lib/http', '../store/users.ts'],
    ['lib/http', '../deps.ts'],
    ['lib/http', '../../functions/users.ts'],
    ['lib/http', '../../infra/config.ts'],
    ['lib/dialects', '../http/routes.ts'],
    ['lib/dialects/native', '../../http/routes.ts'],
    ['lib/dialects/native', '../../store/keys.ts'],
    ['lib/dialects/native', '../../deps.ts'],
    ['lib/dialects', '@middy/core'],
    ['lib/dialects', 'node:fs'],
    ['lib/domain', '../http/auth.ts'],
    ['lib/domain', '../dialects/manners.ts'],
    ['lib/domain/users', '../../store/users.ts'],
    ['lib/domain/users', '../../deps.ts'],
    ['lib/domain', '../../infra/policies.ts'],
    ['lib/domain', '@aws-sdk/client-dynamodb'],
    ['lib/domain', '@middy/core'],
    ['lib/domain', 'aws-lambda'],
    ['lib/store', '../http/routes.ts'],
    ['lib/store', '../dialects/manners.ts'],
    ['lib/store', '../deps.ts'],
    ['lib/store', '../../test/steps.ts'],
    ['lib/store', 'zod'],
    ['lib/aws', '../deps.ts'],
    ['lib/aws', '../events/event-log.ts'],
    ['lib/events', '../store/users.ts'],
    ['lib/events', '../mail-deps.ts'],
    ['lib/events', '../aws/kms.ts'],
    ['lib/domain', '../events/event-log.ts'],
    ['lib/domain', '../aws/kms.ts'],
    ['lib', '../infra/config.ts'],
    ['lib', '../functions/users.ts'],
  ] as const;

  test('the linter refuses every other direction, and only those', () => {
    expect(refused([...allowed, ...forbidden])).toEqual(forbidden.map((pair) => pair.join(' → ')));
  });

  test('rejects import cycles, and readers of the environment outside functions/ or of the clock outside lib/*deps.ts', () => {
    const reader = 'export const read = () => [process.env, Date.now()];\n';
    expect(
      lintFiles({
        'lib/domain/one.ts': "import { other } from './other.ts';\nexport const one = () => other();\n",
        'lib/domain/other.ts': "import { one } from './one.ts';\nexport const other = (): unknown => one();\n",
        'functions/reader.ts': reader,
        'lib/store/reader.ts': reader,
        'lib/deps/http-deps.ts': reader,
      }),
    ).toEqual([
      'eslint(no-restricted-properties) functions/reader.ts',
      'eslint(no-restricted-properties) lib/deps.ts',
      'eslint(no-restricted-properties) lib/store/reader.ts',
      'eslint(no-restricted-properties) lib/store/reader.ts',
      'import(no-cycle) lib/domain/one.ts',
      'import(no-cycle) lib/domain/other.ts',
    ]);
  });

  test('the code keeps to it', () => {
    expect(lint(process.cwd())).toEqual([]);
  });
});

describe('what a linter cannot say', () => {
  const sources = (...folders: string[]) =>
    folders
      .flatMap((name) => readdirSync(name, { recursive: true, encoding: 'utf8' }).map((file) => `${name}/${file}`))
      .filter((file) => file.endsWith('.ts'));
  const matching = (pattern: RegExp, names: readonly string[]) => names.filter((file) => pattern.test(readFileSync(file, 'utf8')));

  test('zod comes as a namespace: by name it would bring every language that it knows into every bundle', () => {
    const named = /import (?!type )[^*]*from 'zod'/;
    expect("import { z } from 'zod'").toMatch(named);
    expect(matching(named, sources('functions', 'lib', 'infra'))).toEqual([]);
  });

  test('only what puts dependencies together asks what time it is', () => {
    const clock = /new Date\(\)/;
    expect(matching(clock, sources('functions', 'lib'))).toEqual([
      'lib/deps/link-redemption-deps.ts',
      'lib/deps/http-deps.ts',
      'lib/deps/invite-request-deps.ts',
      'lib/deps/mailer-deps.ts',
      'lib/deps/token-deps.ts',
    ]);
  });

  test('the routes table imports nothing', () => {
    expect(readFileSync('lib/http/routes.ts', 'utf8')).not.toMatch(/^import /m);
  });

  test('there are no barrels, and names are in kebab-case', () => {
    const files = sources('functions', 'lib', 'infra', 'test');
    expect(files.filter((file) => file.endsWith('/index.ts'))).toEqual([]);
    expect(files.filter((file) => !/^([a-z0-9-]+\/)+[a-z0-9.-]+\.ts$/.test(file))).toEqual([]);
  });
});
