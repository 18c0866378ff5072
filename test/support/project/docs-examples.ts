/** README.md and docs/ as tests read them: commands, their outputs, and settings. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** Commands, and the output that the page shows after them. */
export interface Example {
  readonly page: string;
  readonly language: 'sh' | 'js';
  readonly commands: string;
  readonly output: { readonly language: string; readonly text: string } | undefined;
}

/** Pages in the order in which a reader follows them. */
export const pages: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .toSorted()
    .map((name) => `docs/${name}`),
];

export const readPage = (page: string): string => readFileSync(join(root, page), 'utf8');

/** Reads the part of a page under a heading of level 2. Throws if the heading is missing. */
export function readSection(page: string, title: string): string {
  const found = readPage(page)
    .split(/^## /m)
    .find((part) => part.startsWith(`${title}\n`));
  if (found === undefined) throw new Error(`${page} has no section ${title}`);
  return found;
}

const block = /^```(sh|js)\n(.*?)^```\n(?:\n```(json|http|text)\n(.*?)^```\n)?/gms;

/** Lists the commands of a page in their order. */
export const listExamples = (page: string, text = readPage(page)): Example[] =>
  [...text.matchAll(block)].map(([, language, commands = '', outputLanguage, output = '']) => ({
    page,
    language: language as Example['language'],
    commands,
    output: outputLanguage === undefined ? undefined : { language: outputLanguage, text: output },
  }));

/** Reads the configuration files that a page shows: JSON that is not an output. */
export const listConfigurations = (page: string): object[] =>
  [
    ...readPage(page)
      .replaceAll(block, '')
      .matchAll(/^```json\n(.*?)^```/gms),
  ].map(([, text = '']) => JSON.parse(text) as object);

/** Replaces everything that differs between runs by a placeholder. */
export const maskVariables = (text: string): string =>
  text
    .replaceAll(/eyJ[\w.-]+…?/g, '<token>')
    .replaceAll(/roster_[0-9a-f]{32}_[\w-]{43}/g, '<secret>')
    .replaceAll('2489e9ad-2ee2-8e00-8ec9-32d5f69181c0', '<acme>')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
    .replaceAll(/-\d{10}(?=[@".\s]|$)/gm, '-<n>')
    .replaceAll(/[0-9a-f]{32}/g, '<hex>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>')
    .replaceAll(/"requestId": ?"[^"]+"/g, '"requestId":"<request>"');
