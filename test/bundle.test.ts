import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bundles, bundle } from '../infra/bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'roster-test-'));
let bundles: Bundles;

beforeAll(async () => {
  bundles = await bundle(join(folder, 'functions'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const files = (path: string) => readdirSync(path).toSorted();
const digest = (path: string) =>
  files(path).map((name) => [
    name,
    createHash('sha256')
      .update(readFileSync(join(path, name)))
      .digest('hex'),
  ]);

test('the code of the users function is at most 420 kB besides the policy engine and the list of passwords, which it loads when it judges one', () => {
  expect(files(bundles.users)).toEqual(['cedar_wasm_bg.wasm', 'common-passwords.js', 'package.json', 'users.js']);
  expect(statSync(join(bundles.users, 'users.js')).size).toBeLessThan(420_000);
});

test('the passwords function is no larger, and has the same beside it', () => {
  expect(files(bundles.passwords)).toEqual(['cedar_wasm_bg.wasm', 'common-passwords.js', 'package.json', 'passwords.js']);
  expect(statSync(join(bundles.passwords, 'passwords.js')).size).toBeLessThan(420_000);
});

test('the documents function brings no package of AWS and no policy engine', () => {
  expect(files(bundles.documents).filter((name) => !name.endsWith('.gz'))).toEqual(['documents.js', 'package.json']);
  expect(statSync(join(bundles.documents, 'documents.js')).size).toBeLessThan(50_000);
});

test('the same sources give the same bytes, so that a deploy replaces only what has changed', async () => {
  const again = await bundle(join(folder, 'again'));
  expect(digest(again.users)).toEqual(digest(bundles.users));
  expect(digest(again.documents)).toEqual(digest(bundles.documents));
});

test('a measurement can put something else in the place of the policy engine', async () => {
  const without = await bundle(join(folder, 'without'), { policyEngine: 'node:events' });
  expect(files(without.users)).toEqual(['common-passwords.js', 'package.json', 'users.js']);
});
