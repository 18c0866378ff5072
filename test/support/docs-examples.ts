/** The README as a machine reads it: its commands, and what it says they answer. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A block of shell commands, and the block of output that stands right behind it, if one does. */
export interface Example {
  readonly commands: string;
  readonly output: { readonly language: string; readonly text: string } | undefined;
}

export const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');

/** The section under a heading of the second level. */
export const section = (title: string): string => {
  const found = readme.split(/^## /m).find((part) => part.startsWith(`${title}\n`));
  if (found === undefined) throw new Error(`the README has no section ${title}`);
  return found;
};

/** The examples of a section, in order. */
export const examplesIn = (text: string): Example[] =>
  [...text.matchAll(/^```sh\n(.*?)^```\n(?:\n```(json|http|text)\n(.*?)^```\n)?/gms)].map(
    ([, commands = '', language, output]) => ({
      commands,
      output: language === undefined ? undefined : { language, text: output ?? '' },
    }),
  );

/** The same text with everything that differs from one run to the next replaced by a word for it. */
export const masked = (text: string): string =>
  text
    .replaceAll(/eyJ[\w.-]+…?/g, '<token>')
    .replaceAll(/roster_[0-9a-f]{32}_[\w-]{43}/g, '<secret>')
    .replaceAll('2489e9ad-2ee2-8e00-8ec9-32d5f69181c0', '<acme>')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
    .replaceAll(/-\d{10}(?=[@"\s]|$)/gm, '-<n>')
    .replaceAll(/[0-9a-f]{32}/g, '<hex>')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<time>')
    .replaceAll(/"requestId": ?"[^"]+"/g, '"requestId":"<request>"');
