import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { listFiles } from '../support/project/prose.ts';

// macOS and WSL run the same npm scripts and the same local server.

const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as unknown;
const { scripts } = readJson('package.json') as { scripts: Record<string, string> };

interface LockedPackage {
  readonly optional?: boolean;
  readonly inBundle?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
const { packages } = readJson('package-lock.json') as { packages: Record<string, LockedPackage> };

/** The only file that may depend on Linux, because the embedded database exists for Linux only. */
const linuxFile = 'infra/local/process/embedded-database.ts';

const linuxOnly =
  /['"`]\/(proc|dev|bin|sys|tmp|usr)\b|\bbash\b|\bkill -|\.kill\(-|\bdetached:|['"`]127\.(?!0\.0\.1)/;

it('has npm scripts of commands that every shell runs', () => {
  // `exec` replaces the shell of npm, which otherwise ends on SIGTERM without the server. Every
  // shell of macOS, Linux and WSL has it.
  const command = /^(exec )?[a-z-]+( [\w@./:=-]+)*$/;
  const wrong = Object.entries(scripts).filter(
    ([, script]) =>
      !script.split(' && ').every((part) => command.test(part) && !/^\w+=/.test(part)),
  );
  expect(wrong).toEqual([]);
});

it('uses features of Linux only for the embedded database', () => {
  const files = listFiles('infra', 'functions', 'lib').filter((file) => /\.(ts|mjs)$/.test(file));
  const dependent = files.filter((file) => linuxOnly.test(readFileSync(file, 'utf8')));
  expect(dependent).toEqual([linuxFile]);
});

it('has file names that differ without regard to case and that Windows allows', () => {
  const files = listFiles('.');
  const groups = Map.groupBy(files, (file) => file.toLowerCase());
  expect([...groups.values()].filter(({ length }) => length > 1)).toEqual([]);
  const isReserved = (name: string) =>
    /[<>:"|?*\\]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name);
  expect(files.filter((file) => file.split('/').some(isReserved))).toEqual([]);
});

it('locks packages that npm ci installs on every platform', () => {
  const entries = Object.entries(packages);
  const required = entries.filter(([, { optional, os, cpu }]) => !optional && (os ?? cpu));
  expect(required.map(([path]) => path)).toEqual([]);

  const platforms = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64'];
  const tools = entries.filter(([path]) => path !== '');
  for (const [path, { optionalDependencies = {} }] of tools) {
    const names = Object.keys(optionalDependencies);
    if (!names.some((name) => platforms.some((platform) => name.includes(platform)))) continue;
    for (const platform of platforms) {
      const locked = names.filter(
        (name) => name.includes(platform) && `node_modules/${name}` in packages,
      );
      expect([path, platform, locked.length > 0]).toEqual([path, platform, true]);
    }
  }
});
