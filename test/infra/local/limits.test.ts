import { expect, test } from 'vitest';
import {
  localLimits,
  readDialects,
  readLimits,
  readNames,
  readResourceServers,
  readSenders,
} from '../../../infra/local/gateway/limits.ts';
import { renderBanner } from '../../../infra/local/dev/banner.ts';
import type { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { readSection } from '../../support/project/docs-examples.ts';
import { resource } from '../../support/synthesized-stack.ts';

test('variables of npm start set every numeric limit', () => {
  const { Variables } = resource('AWS::Lambda::Function', 'Users').Properties.Environment;
  const numbers = Object.entries(Variables as Record<string, unknown>).filter(
    ([, value]) => typeof value === 'string' && /^[\d.]+$/.test(value),
  );
  expect(Object.keys(localLimits).toSorted()).toEqual(numbers.map(([name]) => name).toSorted());
});

test.each(Object.entries(localLimits))(
  '%s replaces its default, which docs/quickstart.md states',
  (name, { value, max }) => {
    const defaults = readLimits({});
    expect(defaults[name]).toBe(value);
    expect(readLimits({ [name]: String(max) })).toEqual({ ...defaults, [name]: String(max) });
    expect(readLimits({ [name]: '' })).toEqual(defaults);
    expect(readSection('docs/quickstart.md', 'The local server')).toMatch(
      new RegExp(`^\\| \`${name}\` \\| ${value.replace('1000000', '1,000,000')} \\| .+ \\|$`, 'm'),
    );
  },
);

test.each(['many', '-1', '1e9', 'Infinity'])(
  'rejects a limit that is %s and names its range',
  (value) => {
    for (const [name, { min, max }] of Object.entries(localLimits)) {
      expect(() => readLimits({ [name]: value })).toThrow(
        new RegExp(`^${name} must be a (whole )?number from ${min} to ${max}\\.$`),
      );
    }
  },
);

test('rejects half a day', () => {
  expect(() => readLimits({ RESTORE_DAYS: '0.5' })).toThrow(
    'RESTORE_DAYS must be a whole number from 0 to 3650.',
  );
});

test('reads audiences of other services and rejects one that is not an absolute URI', () => {
  expect(readResourceServers({})).toEqual([]);
  expect(readResourceServers({ RESOURCE_SERVERS: '' })).toEqual([]);
  expect(readResourceServers({ RESOURCE_SERVERS: 'https://a.example.com,urn:b:c' })).toEqual([
    'https://a.example.com',
    'urn:b:c',
  ]);
  for (const value of ['billing', 'https://a.example.com#b', 'https://a.example.com,']) {
    expect(() => readResourceServers({ RESOURCE_SERVERS: value })).toThrow(
      'RESOURCE_SERVERS must be absolute URIs',
    );
  }
});

test('reads the prefix of IDs and permissions and rejects invalid names', () => {
  const names = { ID_PREFIX: 'acme', PERMISSIONS: 'invoices:approve,invoices:read' };
  expect(readNames({ ...names, PORT: '4000' })).toEqual(names);
  expect(readNames({ ID_PREFIX: '', PERMISSIONS: '' })).toEqual({});
  for (const value of ['Acme', '1acme', 'a'.repeat(33)])
    expect(() => readNames({ ID_PREFIX: value })).toThrow('ID_PREFIX must be 1 to 32 ');
  for (const value of ['invoices', 'invoices:read,', 'invoices:read,users:approve'])
    expect(() => readNames({ PERMISSIONS: value })).toThrow('PERMISSIONS must be names ');
});

test('reads senders and rejects text that is neither an address nor a domain', () => {
  const senders = ['', 'acme.example', 'acme.example,hello@globex.example'];
  expect(senders.map((MAIL_SENDERS) => readSenders({ MAIL_SENDERS }))).toEqual([
    undefined,
    ...senders.slice(1),
  ]);
  for (const MAIL_SENDERS of [
    'acme',
    '*',
    'Acme.example',
    'acme.example,',
    'acme.example, globex.example',
    'A <a@acme.example>',
  ]) {
    expect(() => readSenders({ MAIL_SENDERS })).toThrow(
      'MAIL_SENDERS must be email addresses and domain names in lower case',
    );
  }
});

test('reads dialects and rejects unknown ones and a list without native', () => {
  expect(['', 'native', 'native,cradl'].map((DIALECTS) => readDialects({ DIALECTS }))).toEqual([
    ['native', 'cradl', 'jitsudo', 'credible', 'scim'],
    ['native'],
    ['native', 'cradl'],
  ]);
  for (const DIALECTS of ['scim', 'cradl', 'native,', 'native, cradl', 'native,native']) {
    expect(() => readDialects({ DIALECTS })).toThrow(
      'DIALECTS must be native, or native and some of cradl, jitsudo, credible, scim',
    );
  }
});

test('prints only requests of the served dialects', () => {
  const issuer = { mintAccessToken: () => 'token' } as unknown as ReturnType<typeof createIssuer>;
  const print = (dialects: Parameters<typeof renderBanner>[0]['dialects']) =>
    [
      ...renderBanner({
        url: 'http://localhost:4000',
        issuer,
        appClients: [],
        scimToken: 'token',
        dialects,
        data: '',
        seconds: 1,
      }).matchAll(/\/(cradl|jitsudo|credible|scim)\//g),
    ].map(([, dialect]) => dialect);
  expect(print(['native'])).toEqual([]);
  expect(print(['native', 'jitsudo'])).toEqual(['jitsudo']);
  expect(print(['native', 'scim'])).toEqual(['scim', 'scim']);
});
