import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { statusByCode } from '../../lib/api/errors.ts';
import { routes } from '../../lib/api/routes.ts';
import { eventTypes } from '../../lib/domain/feed/feed-event.ts';
import { limitNames } from '../../lib/domain/kernel/limits.ts';
import { permissions } from '../../lib/domain/access/permissions.ts';
import { requestType } from '../../lib/events/invite-requests.ts';
import { connectionKeys, keys, mailCounterKeys, webhookKeys } from '../../lib/store/keys.ts';
import { renderConfigurationPage } from '../../infra/build/configuration-reference.ts';
import {
  listConfigurations,
  listExamples,
  pages,
  readPage,
  readSection,
} from '../support/project/docs-examples.ts';

const root = join(import.meta.dirname, '../..');
const files = [...pages, 'CHANGELOG.md', 'SECURITY.md'];

/** Anchors of a page as GitHub builds them. */
const listAnchors = (page: string): string[] =>
  [...readPage(page).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('the README', () => {
  it('has at most 200 lines', () => {
    expect(readPage('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(200);
  });

  it('shows the two commands that run everything', () => {
    const commands = listExamples('README.md', readSection('README.md', 'Run it')).map(
      (example) => example.commands,
    );
    expect(commands).toEqual(['npm ci && npm start\n', 'npm cit\n']);
  });

  it('links to every page', () => {
    const linked = [...readPage('README.md').matchAll(/\]\(([\w/-]+\.md)/g)].map(
      ([, page]) => page,
    );
    expect(pages.filter((page) => page !== 'README.md' && !linked.includes(page))).toEqual([]);
  });
});

describe('the documentation', () => {
  it('links to files and headings that exist', () => {
    const links = files.flatMap((page) =>
      [...readPage(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => ({ page, link })),
    );
    const local = links.filter(({ link }) => !/^https?:/.test(link));
    expect(local.length).toBeGreaterThan(80);
    const isBroken = ({ page, link }: { page: string; link: string }) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      return (
        !existsSync(join(root, target)) ||
        (anchor !== undefined && !listAnchors(target).includes(anchor))
      );
    };
    expect(local.filter(isBroken)).toEqual([]);
  });

  it('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const mentioned = files.flatMap((page) =>
      [...readPage(page).matchAll(/\bnpm run (?:--silent )?([a-z:-]+)/g)].map(
        ([, name = '']) => name,
      ),
    );
    expect(mentioned.length).toBeGreaterThan(5);
    expect(mentioned.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('lists every error code with its status', () => {
    const rows = readSection('docs/api.md', 'Errors').match(/^\| [\d, ]+ \| .*$/gm) ?? [];
    const isListed = ([code, status]: [string, number]) =>
      rows.some(
        (row) => row.split('|')[1]?.includes(String(status)) && row.includes(`\`${code}\``),
      );
    expect(Object.entries(statusByCode).filter((entry) => !isListed(entry))).toEqual([]);
  });

  it('lists every limit and every permission', () => {
    const limits = readSection('docs/api.md', 'Limits');
    expect(limitNames.filter((name) => !limits.includes(`\`${name}\``))).toEqual([]);
    const roles = readSection('docs/tenants.md', 'Roles');
    expect(permissions.filter((name) => !roles.includes(`\`${name}\``))).toEqual([]);
  });

  it('lists every event type in the order of the source', () => {
    const types = readSection('docs/events/feed.md', 'Types').match(/`[a-z_]+\.[a-z_]+`/g);
    expect(types).toEqual(
      Object.values(eventTypes).flatMap((names) => names.map((name) => `\`${name}\``)),
    );
  });

  it('names source files that exist', () => {
    const [today = ''] = readPage('docs/architecture.md').split('## 15.');
    const paths = [...today.matchAll(/\b(?:lib|functions|infra|test)\/[\w/.-]+\.ts\b/g)].map(
      ([path]) => path,
    );
    expect(paths.length).toBeGreaterThan(30);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('lists every kind of item in the tables', () => {
    type BuildKey = (...parts: string[]) => { readonly pk: string; readonly sk: string };
    const built = Object.values({
      ...keys,
      ...connectionKeys,
      ...mailCounterKeys,
      ...webhookKeys,
    }).map((key) => (typeof key === 'function' ? (key as BuildKey)('a', 'b', 'c') : key));
    const literals = new Set(built.flatMap(({ pk, sk }) => [...pk.split('#'), ...sk.split('#')]));
    const kinds = [...literals].filter((part) => /^[A-Z]+$/.test(part));
    expect(kinds.length).toBeGreaterThan(25);
    const table = readSection('docs/architecture.md', '11. DynamoDB tables');
    expect(kinds.filter((kind) => !new RegExp(`\\b${kind}\\b`).test(table))).toEqual([]);
  });

  it('lists each endpoint of other systems as implemented or different exactly if it has a route', () => {
    const withoutNames = (text: string) => text.replaceAll(/\{\w+\}/g, '{}');
    const systems = {
      cradl: ['Cradl', '/cradl/v1', ''],
      jitsudo: ['JITSudo', '/jitsudo/v1', '/jitsudo'],
      credible: ['Credible', '/credible/api/v0'],
    };
    const served = new Set(routes.map(({ route }) => withoutNames(route)));
    const rows = Object.values(systems).flatMap(([system = '', ...bases]) =>
      [
        ...readSection('docs/dialects.md', system).matchAll(/^\| (.*`.*?) \| ([a-z ]+) \| /gm),
      ].flatMap(([, cell = '', status = '']) =>
        [...cell.matchAll(/`([A-Z]+) ([^`]+)`/g)].map(([, method = '', path = '']) => {
          const [pathname = ''] = path.replace('…', '/organizations/{}').split('?');
          const fullPath = withoutNames(pathname);
          const candidates = bases.map((base) => `${method} ${base}${fullPath}`);
          return { status, endpoint: `${method} ${path}`, candidates };
        }),
      ),
    );
    expect(rows.length).toBeGreaterThan(80);
    const isServed = (status: string) => ['implemented', 'different'].includes(status);
    const contradictions = rows.filter(
      ({ status, candidates }) =>
        isServed(status) !== candidates.some((candidate) => served.has(candidate)),
    );
    const listed = new Set(rows.flatMap(({ candidates }) => candidates));
    const unlisted = routes.filter(
      ({ route, dialect }) => dialect in systems && !listed.has(withoutNames(route)),
    );
    expect({ contradictions, unlisted }).toEqual({ contradictions: [], unlisted: [] });
  });

  it('shows options of bootstrap that exist', () => {
    const [, block = ''] =
      /^npm run --silent bootstrap -- (.*?)^```/ms.exec(readPage('docs/deploy.md')) ?? [];
    const options = [...block.matchAll(/(?<=\s|^)--([a-z-]+)/g)].map(([, name = '']) => name);
    expect(options.length).toBeGreaterThan(4);
    const usage = readFileSync(join(root, 'infra/cli/bootstrap.ts'), 'utf8');
    expect(options.filter((name) => !usage.includes(`  --${name} `))).toEqual([]);
  });

  it('shows an invite request that Roster accepts, by a registered source', () => {
    const page = readPage('docs/deploy.md');
    const [, entries = '[]'] = /--entries '(\[.*?\])'$/ms.exec(page) ?? [];
    const [event] = JSON.parse(entries) as { Source: string; DetailType: string; Detail: string }[];
    expect(event?.DetailType).toBe(requestType);
    expect(JSON.parse(event?.Detail ?? '')).toMatchObject({
      id: 'contact-4711',
      email: 'ada@example.com',
    });
    expect(listConfigurations('docs/deploy.md')).toContainEqual(
      expect.objectContaining({
        inviteSources: [expect.objectContaining({ source: event?.Source })],
      }),
    );
  });

  it('wraps at 120 columns, except in tables and code', () => {
    const long = files.flatMap((page) =>
      readPage(page)
        .replaceAll(/^```.*?^```/gms, '')
        .split('\n')
        .filter((line) => [...line].length > 120 && !line.startsWith('|') && !line.startsWith('!['))
        .map((line) => `${page}: ${line}`),
    );
    expect(long).toEqual([]);
  });

  it('lists every setting of the schema; npm run docs:config updates the list', () => {
    expect(readPage('docs/configuration.md')).toBe(renderConfigurationPage());
  });
});
