import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'roster-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const layerRules = [
  'eslint(no-restricted-imports)',
  'eslint(no-restricted-properties)',
  'import(no-cycle)',
];

/** Findings of the linter in a folder, for layer rules only. */
const lint = (cwd: string): string[] => {
  const oxlint = join(process.cwd(), 'node_modules/oxlint/bin/oxlint');
  const { stdout } = spawnSync(process.execPath, [oxlint, '--format', 'json'], {
    cwd,
    encoding: 'utf8',
  });
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { code: string; filename: string }[];
  };
  return diagnostics
    .filter(({ code }) => layerRules.includes(code))
    .map(({ code, filename }) => `${code} ${filename}`);
};

/** Findings of the linter in these files, for layer rules only. */
const lintFiles = (sources: Readonly<Record<string, string>>): string[] => {
  const tree = mkdtempSync(join(folder, 'tree-'));
  copyFileSync('.oxlintrc.json', join(tree, '.oxlintrc.json'));
  for (const [file, source] of Object.entries(sources)) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), source);
  }
  return lint(tree).toSorted();
};

/**
 * Imports that the linter rejects. Each is in its own file: `from` is a folder, or a file in a
 * folder `*`.
 */
const refused = (imports: readonly (readonly [from: string, to: string])[]): string[] => {
  const toFile = (from: string, index: number) =>
    from.includes('*') ? from.replace('*', `folder-${index}`) : `${from}/file-${index}.ts`;
  const files = imports.map(([from, to], index) => [
    toFile(from, index),
    `import * as all from '${to}';\nexport const used = all;\n`,
  ]);
  const found = lintFiles(Object.fromEntries(files) as Record<string, string>);
  const isRefused = (index: number) =>
    found.includes(`eslint(no-restricted-imports) ${toFile(imports[index]?.[0] ?? '', index)}`);
  return imports.filter((_, index) => isRefused(index)).map((pair) => pair.join(' → '));
};

describe('imports', () => {
  const allowed = [
    ['functions', '../lib/api/users/handlers.ts'],
    ['functions', '../lib/domain/users/get-user.ts'],
    ['functions', '../lib/deps/http-deps.ts'],
    ['functions', 'node:fs'],
    ['lib/api/http', '../dialects.ts'],
    ['lib/api/http', '../../domain/kernel/failure.ts'],
    ['lib/api/http', '@middy/core'],
    ['lib/api/auth', '../routes.ts'],
    ['lib/api/*/native.ts', '../../domain/kernel/ids.ts'],
    ['lib/api/*/native.ts', '../fields.ts'],
    ['lib/api/*/native.ts', 'zod'],
    ['lib/api/*/docs.ts', './native.ts'],
    ['lib/api/*/docs.ts', '../doc-parts.ts'],
    ['lib/api/*/docs.ts', '../../domain/kernel/failure.ts'],
    ['lib/domain/users', '../access/policy.ts'],
    ['lib/domain/kernel', 'node:crypto'],
    ['lib/domain/kernel', './failure.ts'],
    ['lib/store/users', '../../domain/users/user.ts'],
    ['lib/store/users', '@aws-sdk/lib-dynamodb'],
    ['lib/events', '../domain/users/create-user.ts'],
    ['lib/events', '../api/parse.ts'],
    ['lib/aws', '@aws-sdk/client-kms'],
    ['lib/deps', '../store/users/user-store.ts'],
    ['lib/deps', '@aws-sdk/client-dynamodb'],
    ['infra', '../lib/api/routes.ts'],
    ['infra', '../lib/api/users/docs.ts'],
    ['test', '../infra/stack.ts'],
  ] as const;

  const forbidden = [
    ['functions', '../infra/config.ts'],
    ['functions', '../test/support/service.ts'],
    ['functions', '@aws-sdk/client-dynamodb'],
    ['functions', 'zod'],
    ['functions', '../lib/api/users/docs.ts'],
    ['lib/api/http', '../../store/users/user-store.ts'],
    ['lib/api/http', '../../deps/http-deps.ts'],
    ['lib/api/http', '../../../functions/users.ts'],
    ['lib/api/http', '../../../infra/config.ts'],
    ['lib/api/http', '../users/docs.ts'],
    ['lib/api/*/docs.ts', '../../../infra/build/openapi/headers.ts'],
    ['lib/api/*/docs.ts', '../http/pipeline.ts'],
    ['lib/api/*/docs.ts', '../links/docs.ts'],
    ['lib/api/*/native.ts', './docs.ts'],
    ['lib/api/*/native.ts', '../doc-parts.ts'],
    ['lib/api/*/native.ts', '../http/pipeline.ts'],
    ['lib/api/*/native.ts', '../auth/authenticate.ts'],
    ['lib/api/*/native.ts', '../../store/keys.ts'],
    ['lib/api/*/native.ts', '../../deps/http-deps.ts'],
    ['lib/api/*/native.ts', '@middy/core'],
    ['lib/api/*/native.ts', 'node:fs'],
    ['lib/domain/users', '../../api/http/pipeline.ts'],
    ['lib/domain/users', '../../api/dialects.ts'],
    ['lib/domain/users', '../../store/users/user-store.ts'],
    ['lib/domain/users', '../../deps/http-deps.ts'],
    ['lib/domain/users', '../../../infra/build/policies/compile.ts'],
    ['lib/domain/users', '@aws-sdk/client-dynamodb'],
    ['lib/domain/users', '@middy/core'],
    ['lib/domain/users', 'aws-lambda'],
    ['lib/domain/kernel', '../users/user.ts'],
    ['lib/domain/kernel', '../access/permissions.ts'],
    ['lib/domain/kernel', '../../api/dialects.ts'],
    ['lib/domain/access', '@cedar-policy/cedar-wasm/nodejs'],
    ['lib/domain/users', '../../events/mail-consumer.ts'],
    ['lib/domain/users', '../../aws/kms-mac-keys.ts'],
    ['lib/store/users', '../../api/routes.ts'],
    ['lib/store/users', '../../deps/http-deps.ts'],
    ['lib/store/users', '../../../test/support/service.ts'],
    ['lib/store/users', 'zod'],
    ['lib/aws', '../deps/http-deps.ts'],
    ['lib/aws', '../events/mail-consumer.ts'],
    ['lib/events', '../store/users/user-store.ts'],
    ['lib/events', '../deps/events/mailer-deps.ts'],
    ['lib/events', '../aws/kms-mac-keys.ts'],
    ['lib/deps', '../../infra/config.ts'],
    ['lib/deps', '../../functions/users.ts'],
  ] as const;

  test('are rejected by the linter in every other direction', () => {
    expect(refused([...allowed, ...forbidden])).toEqual(forbidden.map((pair) => pair.join(' → ')));
  });

  test('are rejected in cycles, type imports included, as are readers of the environment outside functions/ and of the clock outside lib/deps', () => {
    const reader = 'export const read = () => [process.env, Date.now()];\n';
    expect(
      lintFiles({
        'lib/domain/one.ts':
          "import { other } from './other.ts';\nexport const one = () => other();\n",
        'lib/domain/other.ts':
          "import { one } from './one.ts';\nexport const other = (): unknown => one();\n",
        'lib/domain/first-type.ts':
          "import type { Second } from './second-type.ts';\nexport type First = Second[];\n",
        'lib/domain/second-type.ts':
          "import type { First } from './first-type.ts';\nexport type Second = First | string;\n",
        'functions/reader.ts': reader,
        'lib/store/reader.ts': reader,
        'lib/deps/http-deps.ts': reader,
      }),
    ).toEqual([
      'eslint(no-restricted-properties) functions/reader.ts',
      'eslint(no-restricted-properties) lib/deps/http-deps.ts',
      'eslint(no-restricted-properties) lib/store/reader.ts',
      'eslint(no-restricted-properties) lib/store/reader.ts',
      'import(no-cycle) lib/domain/first-type.ts',
      'import(no-cycle) lib/domain/one.ts',
      'import(no-cycle) lib/domain/other.ts',
      'import(no-cycle) lib/domain/second-type.ts',
    ]);
  });

  test('of the code pass the linter', () => {
    expect(lint(process.cwd())).toEqual([]);
  });
});

describe('rules that the linter cannot check', () => {
  const sources = (...folders: string[]) =>
    folders
      .flatMap((name) =>
        readdirSync(name, { recursive: true, encoding: 'utf8' }).map((file) => `${name}/${file}`),
      )
      .filter((file) => file.endsWith('.ts'));
  const matching = (pattern: RegExp, names: readonly string[]) =>
    names.filter((file) => pattern.test(readFileSync(file, 'utf8')));

  test('zod is imported as a namespace, because named imports bundle every locale', () => {
    const namedImport = /import (?!type )[^*]*from 'zod'/;
    expect("import { z } from 'zod'").toMatch(namedImport);
    expect(matching(namedImport, sources('functions', 'lib', 'infra'))).toEqual([]);
  });

  test('schemas use no method that bundles leave out', () => {
    const format =
      /\.string\(\)(?:\s*\.\w+\([^()]*\))*\s*\.(?:base64(?:url)?|cidrv[46]|cuid2?|date(?:time)?|duration|e164|email|emoji|guid|ipv[46]|jwt|ksuid|nanoid|time|ulid|url|uuid(?:v[467])?|xid)\(/;
    const modifier = /\.(?:and|exactOptional|nonoptional|prefault|readonly)\(/;
    expect('z.string().min(1).email()').toMatch(format);
    expect('z.string().readonly()').toMatch(modifier);
    const files = sources('functions', 'lib');
    for (const method of [format, modifier]) expect(matching(method, files)).toEqual([]);
  });

  test('only lib/deps creates a clock', () => {
    const clock = /new Date\(\)/;
    expect(matching(clock, sources('functions', 'lib'))).toEqual([
      'lib/deps/http-deps.ts',
      'lib/deps/link-redemption-deps.ts',
      'lib/deps/token-deps.ts',
      'lib/deps/events/checkpoint-deps.ts',
      'lib/deps/events/domain-check-deps.ts',
      'lib/deps/events/feed-export-deps.ts',
      'lib/deps/events/group-cleanup-deps.ts',
      'lib/deps/events/invite-request-deps.ts',
      'lib/deps/events/mailer-deps.ts',
      'lib/deps/events/sequencer-deps.ts',
      'lib/deps/events/tenant-erasure-deps.ts',
      'lib/deps/events/webhook-delivery-deps.ts',
    ]);
  });

  test('the route table imports nothing', () => {
    expect(readFileSync('lib/api/routes.ts', 'utf8')).not.toMatch(/^import /m);
  });

  test('files are named in kebab-case, and none is a barrel', () => {
    const files = sources('functions', 'lib', 'infra', 'test');
    expect(files.filter((file) => file.endsWith('/index.ts'))).toEqual([]);
    expect(files.filter((file) => !/^([a-z0-9-]+\/)+[a-z0-9.-]+\.ts$/.test(file))).toEqual([]);
  });
});
