import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { deflateRawSync, gunzipSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { beforeAll, expect, inject, test } from 'vitest';
import { type Bundles, bundle, bundleFunctions } from '../../infra/build/bundle.ts';
import { writeDocuments } from '../../infra/build/documents.ts';
import { insertRoutes, stubPlugin, stubs } from '../../infra/build/stubs.ts';
import { decisionState } from '../../lib/api/auth/decision-state.ts';
import { type Route, routes } from '../../lib/api/routes.ts';
import { type Key, keys } from '../../lib/store/keys.ts';
import { hashContents } from '../../infra/constructs/functions.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const root = join(import.meta.dirname, '../..');
const folder = createTemporaryFolder();
let bundles: Bundles;
/** Notice of a policy. */
const grantingNotice = 'You can grant only permissions that you hold.';

beforeAll(async () => {
  bundles = await bundle(join(folder, 'functions'), { cacheFolder: inject('buildFolder') });
});

const files = (path: string) => readdirSync(path).toSorted();
const digest = (path: string) =>
  files(path).map((name) => [
    name,
    createHash('sha256')
      .update(readFileSync(join(path, name)))
      .digest('hex'),
  ]);

/**
 * Password list, check of imported hashes, recorder of denials, and client for the public keys of
 * Roster's tokens, all loaded on demand.
 */
test.each(['users', 'passwords'] as const)(
  'the code of the %s function is at most 400 kB',
  (name) => {
    const checkHash = name === 'users' ? ['check-hash.js'] : [];
    expect(files(bundles[name])).toEqual(
      [
        ...checkHash,
        'common-passwords.js',
        'package.json',
        'kms-public-keys.js',
        'record-denial.js',
        `${name}.js`,
      ].toSorted(),
    );
    expect(statSync(join(bundles[name], `${name}.js`)).size).toBeLessThan(400_000);
  },
);

test('compressed documents name no operating system, and their hash depends on the content alone [F15]', () => {
  const [file = ''] = files(bundles.documents).filter((name) => name.endsWith('.gz'));
  const path = join(bundles.documents, file);
  const content = readFileSync(path);
  // RFC 1952 §2.3.1: no time of modification, and an unknown operating system.
  expect([...content.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
  const [here, elsewhere] = [
    mkdtempSync(join(folder, 'here-')),
    mkdtempSync(join(folder, 'elsewhere-')),
  ];
  writeFileSync(join(here, file), content);
  writeFileSync(join(elsewhere, file), gzipSync(gunzipSync(content), { level: 1 }));
  expect(hashContents(elsewhere)).toBe(hashContents(here));
  writeFileSync(join(elsewhere, file), gzipSync('another'));
  expect(hashContents(elsewhere)).not.toBe(hashContents(here));
});

test('the invite-requests function verifies no tokens and contains no token keys', () => {
  const name = 'invite-requests';
  expect(files(bundles[name])).toEqual(
    ['check-hash.js', 'common-passwords.js', `${name}.js`, 'package.json'].toSorted(),
  );
  expect(statSync(join(bundles[name], `${name}.js`)).size).toBeLessThan(320_000);
});

test('the link-redemption function contains neither token keys nor policies', () => {
  expect(files(bundles['link-redemption'])).toEqual([
    'common-passwords.js',
    'link-redemption.js',
    'package.json',
  ]);
  expect(statSync(join(bundles['link-redemption'], 'link-redemption.js')).size).toBeLessThan(
    340_000,
  );
});

test('the sign-in function contains bcrypt and token signing but no policies', () => {
  expect(files(bundles['sign-in'])).toEqual(['package.json', 'sign-in.js']);
  expect(statSync(join(bundles['sign-in'], 'sign-in.js')).size).toBeLessThan(330_000);
});

test('the invitation-links function has at most 390 kB and contains no password list', () => {
  expect(files(bundles['invitation-links'])).toEqual([
    'invitation-links.js',
    'kms-public-keys.js',
    'package.json',
    'record-denial.js',
  ]);
  expect(statSync(join(bundles['invitation-links'], 'invitation-links.js')).size).toBeLessThan(
    390_000,
  );
});

test.each([
  ['account', 390_000],
  ['app-clients', 390_000],
  ['feed', 390_000],
  // Applies large changes of members.
  ['groups', 396_000],
  ['tenants', 390_000],
] as const)('the %s function contains no password list', (name, maxBytes) => {
  expect(files(bundles[name])).toEqual(
    ['kms-public-keys.js', 'package.json', 'record-denial.js', `${name}.js`].toSorted(),
  );
  expect(statSync(join(bundles[name], `${name}.js`)).size).toBeLessThan(maxBytes);
});

test('the domains function loads the public suffixes on demand', () => {
  expect(files(bundles.domains)).toEqual([
    'domains.js',
    'kms-public-keys.js',
    'package.json',
    'public-domain.js',
    'record-denial.js',
  ]);
  expect(statSync(join(bundles.domains, 'domains.js')).size).toBeLessThan(350_000);
  expect(statSync(join(bundles.domains, 'public-domain.js')).size).toBeLessThan(150_000);
});

test('the mailer function contains three AWS clients but no policies', () => {
  const name = 'mailer';
  expect(files(bundles[name])).toEqual([`${name}.js`, 'package.json']);
  expect(statSync(join(bundles[name], `${name}.js`)).size).toBeLessThan(350_000);
});

test('the feed-export function contains the signer of S3 requests, but not the S3 client', () => {
  const name = 'feed-export';
  expect(files(bundles[name])).toEqual([`${name}.js`, 'package.json']);
  expect(statSync(join(bundles[name], `${name}.js`)).size).toBeLessThan(290_000);
});

test('the tokens function contains no policies', () => {
  expect(files(bundles.tokens)).toEqual(['package.json', 'tokens.js']);
  expect(statSync(join(bundles.tokens, 'tokens.js')).size).toBeLessThan(290_000);
});

test('the logos function contains neither token keys nor policies', () => {
  expect(files(bundles.logos)).toEqual(['logos.js', 'package.json']);
  expect(statSync(join(bundles.logos, 'logos.js')).size).toBeLessThan(300_000);
});

test('the documents function contains neither AWS packages nor policies', () => {
  expect(files(bundles.documents).filter((name) => !name.endsWith('.gz'))).toEqual([
    'documents.js',
    'package.json',
  ]);
  expect(statSync(join(bundles.documents, 'documents.js')).size).toBeLessThan(45_000);
});

test('a bundle has the routes of its function and their decision states', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        export { decisionState } from './lib/api/auth/decision-state.ts';
        export { routes } from './lib/api/routes.ts';`,
      resolveDir: '.',
    },
    bundle: true,
    format: 'esm',
    write: false,
    plugins: [stubPlugin],
  });
  const code = outputFiles[0]?.text ?? '';
  const table: readonly Route[] = routes;
  expect(new Set(table.map(({ operation }) => operation))).toEqual(
    new Set(Object.keys(decisionState)),
  );
  for (const name of new Set(table.map((route) => route.function))) {
    const file = join(folder, `tables-of-${name}.mjs`);
    writeFileSync(file, insertRoutes(code, name));
    const bundled = await import(file);
    const own = table.filter((route) => route.function === name);
    expect(bundled.decisionState).toEqual(
      Object.fromEntries(own.map(({ operation }) => [operation, decisionState[operation]])),
    );
    // Only the source has the reasons for public routes, and the functions.
    expect(bundled.routes).toEqual(
      own.map((route) => ({
        ...route,
        state: decisionState[route.operation],
        why: undefined,
        function: undefined,
      })),
    );
  }
});

test('a bundle has the keys of the source, also for a module that selects keys at run time', async () => {
  const module = join(folder, 'lib/store/selected-keys.ts');
  mkdirSync(dirname(module), { recursive: true });
  writeFileSync(
    module,
    `import { keys } from '${join(root, 'lib/store/keys.ts')}';
    export const tenant = keys.tenant('t');
    export const all = Object.fromEntries(Object.keys(keys).map((name) => [name, keys[name]]));`,
  );
  const file = join(folder, 'selected-keys.mjs');
  await build({
    entryPoints: [module],
    outfile: file,
    bundle: true,
    format: 'esm',
    plugins: [stubPlugin],
  });
  const { tenant, all } = (await import(file)) as { tenant: Key; all: typeof keys };

  const argument = { kind: 'KIND', id: 'ID', time: 'TIME', toString: () => 'TEXT' };
  const render = (members: object) =>
    Object.entries(members).map(([name, key]) => [
      name,
      typeof key === 'function' ? key(argument, argument, argument) : key,
    ]);
  expect(tenant).toEqual(keys.tenant('t'));
  expect(render(all)).toEqual(render(keys));
});

/** Without those of path parameters, whose names the codecs need, and of examples. */
const listDescriptions = (value: unknown): string[] =>
  typeof value === 'object' && value !== null && !('in' in value && value.in === 'path')
    ? Object.entries(value)
        .filter(([name]) => !/^examples?$/.test(name))
        .flatMap(([name, member]) =>
          name === 'description' && typeof member === 'string'
            ? [member]
            : listDescriptions(member),
        )
    : [];

test('no function contains texts of the OpenAPI document', () => {
  const document = gunzipSync(readFileSync(join(bundles.documents, 'openapi.json.gz'))).toString();
  // SCIM serves the descriptions of its attributes.
  const { components, ...others } = JSON.parse(document);
  const schemas = Object.entries(components.schemas).filter(([name]) => !name.startsWith('Scim'));
  const publicDocument = {
    ...others,
    components: { ...components, schemas: Object.fromEntries(schemas) },
  };
  const texts = listDescriptions(publicDocument)
    .filter((text) => text.length > 40)
    .map((text) => text.slice(0, 40));
  expect(new Set(texts).size).toBeGreaterThan(200);
  // One search for all texts, because the functions have 6 MB of code.
  const pattern = new RegExp([...new Set(texts)].map((text) => RegExp.escape(text)).join('|'), 'g');
  for (const [name, path] of Object.entries(bundles)) {
    for (const file of files(path).filter((each) => each.endsWith('.js')))
      expect(readFileSync(join(path, file), 'utf8').match(pattern), `${name}/${file}`).toBeNull();
  }
});

test('the packages contain every module that bundles replace', () => {
  const modules = [
    'node_modules/@aws-sdk',
    'node_modules/@smithy',
    'node_modules/zod',
    'lib',
  ].flatMap((path) =>
    readdirSync(path, { recursive: true, encoding: 'utf8' }).map((file) => `/${path}/${file}`),
  );
  for (const { module } of stubs)
    expect(
      modules.some((path) => module.test(path)),
      String(module),
    ).toBe(true);
});

test('the name of each region determines its partition without the list of regions', async () => {
  const module = 'submodules/client/util-endpoints/lib/aws/partitions.js';
  const file = join(root, 'node_modules/@aws-sdk/core/dist-es', module);
  const { partitionsInfo } = await import(pathToFileURL(file).href);
  type Partition = { id: string; regionRegex: string; regions: object };
  const partitions: readonly Partition[] = partitionsInfo.partitions;
  const findId = (region: string) =>
    partitions.find(({ regionRegex }) => new RegExp(regionRegex).test(region))?.id;
  const regions = partitions.flatMap(({ id, regions: names }) =>
    Object.keys(names).map((name) => [name, id]),
  );
  // No function runs in a pseudo region such as `aws-global`.
  const real = regions.filter(([name = '']) => !name.endsWith('-global'));
  expect(real.length).toBeGreaterThan(30);
  expect(real.filter(([name = '', id]) => findId(name) !== id)).toEqual([]);
});

test('all functions together have at most 6.5 MB, compressed', () => {
  const contents = Object.values(bundles).flatMap((path) =>
    files(path).map((file) => readFileSync(join(path, file))),
  );
  const bytes = contents.reduce((total, content) => total + deflateRawSync(content).length, 0);
  expect(bytes).toBeLessThan(6_500_000);
});

test('the same sources give the same bytes, so a deployment replaces only changed functions', async () => {
  const names = ['users', 'mailer', 'documents'] as const;
  const again = await bundleFunctions(names, join(folder, 'again'));
  await writeDocuments(again.documents);
  for (const name of names) expect(digest(again[name])).toEqual(digest(bundles[name]));
});

test('functions that decide contain the compiled policies, and no function contains the engine', () => {
  const deciding = Object.entries(bundles)
    .filter(([name, path]) =>
      readFileSync(join(path, `${name}.js`), 'utf8').includes(grantingNotice),
    )
    .map(([name]) => name);
  expect(deciding.toSorted()).toEqual([
    'account',
    'app-clients',
    'bulk-users',
    'connections',
    'domains',
    'feed',
    'groups',
    'invitation-links',
    'invite-requests',
    'passwords',
    'scim',
    'tenants',
    'users',
    'webhooks',
  ]);
  const all = readdirSync(folder, { recursive: true, withFileTypes: true });
  for (const file of all.filter((entry) => entry.isFile())) {
    expect(file.name).not.toMatch(/\.wasm$/);
    const content = readFileSync(join(file.parentPath, file.name));
    // Start of every WebAssembly module, and the same in base64.
    for (const magic of ['\0asm', 'AGFzbQ', 'WebAssembly'])
      expect(content.includes(magic), `${file.name}: ${magic}`).toBe(false);
  }
});
