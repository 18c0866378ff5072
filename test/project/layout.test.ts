import { expect, it } from 'vitest';
import { listFiles } from '../support/project/prose.ts';

const maxFilesPerFolder = 16;

const files = listFiles('.');
const getFolder = (file: string) => file.split('/').slice(0, -1).join('/');
const folders = new Set(
  files.flatMap((file) => {
    const parts = getFolder(file).split('/');
    return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  }),
);

/** Top level, and one file per Lambda. */
const exemptFolders = ['', 'functions'];

it('has no folder with too many files', () => {
  const counts = Map.groupBy(files, getFolder);
  const crowded = [...counts].filter(
    ([folder, { length }]) => !exemptFolders.includes(folder) && length > maxFilesPerFolder,
  );
  expect(crowded.map(([folder, { length }]) => `${folder}: ${length}`)).toEqual([]);
});

it('has no file beside a folder of the same name', () => {
  const names = files.map((file) => file.replace(/(?<=[^/])(\.test)?\.[a-z]+$/, ''));
  expect(names.filter((name) => folders.has(name))).toEqual([]);
});

it('has the fixed top level', () => {
  const top = files.filter((file) => !file.includes('/') && !file.startsWith('.'));
  expect(top.toSorted()).toEqual([
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'LICENSE',
    'README.md',
    'SECURITY.md',
    'cdk.json',
    'package-lock.json',
    'package.json',
    'tsconfig.json',
  ]);
  expect([...folders].filter((name) => name !== '' && !name.includes('/')).toSorted()).toEqual([
    '.ci',
    'docs',
    'functions',
    'infra',
    'lib',
    'test',
  ]);
});
