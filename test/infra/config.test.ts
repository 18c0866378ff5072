import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { configSchema, readConfig } from '../../infra/config.ts';
import { listConfigurations } from '../support/docs-examples.ts';
import { getShellEnvironment } from '../support/environment.ts';

const example = JSON.parse(readFileSync('infra/example.config.json', 'utf8')) as {
  issuers: object[];
};
const folder = mkdtempSync(join(tmpdir(), 'roster-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Reads the example configuration with these fields replaced. Undefined removes a field. */
const configured = (change: object) => {
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify({ ...example, ...change }));
  return readConfig(file);
};

test('requires an alarm topic and a mail sender, and has defaults for the rest', () => {
  const file = join(folder, 'least.json');
  const alarmTopicArn = 'arn:aws:sns:eu-north-1:123456789012:alarms';
  writeFileSync(file, JSON.stringify({ alarmTopicArn, mail: { from: 'accounts@example.com' } }));
  expect(readConfig(file)).toMatchObject({
    // Only Roster's own issuer.
    issuers: [],
    alarmTopicArn,
    idPrefix: 'cradl',
    corsOrigins: [],
    passwordMinLength: 15,
    restoreDays: 30,
    removalPolicy: 'retain',
    logRetentionDays: 90,
    throttle: { rate: 500, burst: 1000, perTenant: 50, unitsPerTenant: 2000, principalShare: 0.5 },
    mail: { from: 'accounts@example.com', perTenantHour: 500, perRecipientDay: 5 },
    invitationDays: 7,
    linkKeys: ['1'],
    signingKeys: { current: '1' },
    inviteSources: [],
  });
});

/** Paths of all fields of a schema. Fields of list items are below the list. */
const fieldsOf = (schema: z.ZodType, path = ''): string[] => {
  const { def } = schema as unknown as {
    def: {
      type: string;
      innerType?: z.ZodType;
      in?: z.ZodType;
      element?: z.ZodType;
      shape?: object;
    };
  };
  const inner = def.innerType ?? def.in ?? def.element;
  if (inner) return fieldsOf(inner, path);
  if (!def.shape) return [];
  return Object.entries(def.shape as Record<string, z.ZodType>).flatMap(([name, field]) => [
    `${path}${name}`,
    ...fieldsOf(field, `${path}${name}.`),
  ]);
};
const fieldsIn = (value: unknown, path = ''): string[] => {
  if (Array.isArray(value)) return value.flatMap((item) => fieldsIn(item, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => [
    `${path}${name}`,
    ...fieldsIn(field, `${path}${name}.`),
  ]);
};

test('the example has every setting, nested ones included', () => {
  const settings = fieldsOf(configSchema);
  expect(settings).toEqual(
    expect.arrayContaining([
      'name',
      'mail.from',
      'tenantHost.hostedZone.id',
      'issuers.jwks.keys.kid',
      'inviteSources.roles',
    ]),
  );
  const shown = new Set(fieldsIn(example));
  expect(settings.filter((name) => !shown.has(name))).toEqual([]);
  expect(readConfig('infra/example.config.json')).toMatchObject({ name: 'Roster' });
});

test('the configurations in the documentation are valid', () => {
  const blocks = ['docs/deploy.md', 'docs/tokens.md'].flatMap(listConfigurations);
  const file = join(folder, 'shown.json');
  const text = JSON.stringify(Object.assign({}, ...blocks));
  writeFileSync(file, text.replace('<tenant id>', '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0'));
  const { inviteSources, issuers, resourceServers } = readConfig(file);
  expect(inviteSources).toMatchObject([{ source: 'com.example.crm' }]);
  expect([issuers.length, resourceServers]).toEqual([1, ['https://billing.example.com']]);
});

test('normalizes tenant IDs', () => {
  const tenant = '2489E9AD-2EE2-8E00-8EC9-32D5F69181C0';
  const { inviteSources } = configured({
    inviteSources: [{ account: '123456789012', source: 'crm', tenant, roles: ['user'] }],
  });
  expect(inviteSources[0]?.tenant).toBe(tenant.toLowerCase());
});

describe('rejects a configuration', () => {
  const issuer = { ...example.issuers[0] };
  const mail = { from: 'accounts@example.com' };
  const source = {
    account: '123456789012',
    source: 'com.example.crm',
    tenant: '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0',
    roles: ['user'],
  };
  const key = { kty: 'RSA', kid: 'a', n: 'x'.repeat(342), e: 'AQAB' };

  test.each<[why: string, change: object, message: string]>([
    ['with an issuer that is no list', { issuers: { ...issuer } }, 'issuers: must be an array'],
    ['without an alarm topic', { alarmTopicArn: undefined }, 'alarmTopicArn: '],
    [
      'with an invalid alarm topic',
      { alarmTopicArn: 'alarms' },
      'alarmTopicArn: must be the ARN of an SNS topic',
    ],
    [
      'with an issuer on plain http',
      { issuers: [{ ...issuer, issuer: 'http://id.example.com' }] },
      'issuers[0].issuer: must be an https URL',
    ],
    [
      'with keys on plain http',
      { issuers: [{ ...issuer, jwksUri: 'http://id.example.com/keys' }] },
      'issuers[0].jwksUri: must be an https URL',
    ],
    [
      'with an issuer on this machine',
      { issuers: [{ ...issuer, issuer: 'https://localhost' }] },
      'issuers[0].issuer: must be an https URL of a public host',
    ],
    [
      'with keys on this machine',
      { issuers: [{ ...issuer, jwksUri: 'http://127.0.0.1:4000/keys' }] },
      'issuers[0].jwksUri: must be an https URL of a public host',
    ],
    [
      'with keys on this machine, in IPv6',
      { issuers: [{ ...issuer, jwksUri: 'https://[::1]/keys' }] },
      'issuers[0].jwksUri: must be an https URL of a public host',
    ],
    [
      'with a private key',
      { issuers: [{ ...issuer, jwks: { keys: [{ ...key, d: 'secret' }] } }] },
      'issuers[0].jwks.keys[0]: must be a public key',
    ],
    [
      'with an issuer of no audience',
      { issuers: [{ ...issuer, audience: undefined }] },
      'issuers[0]: needs either audience or clientIds',
    ],
    [
      'with an issuer twice',
      { issuers: [issuer, issuer] },
      'issuers: each issuer may stand here once',
    ],
    [
      'with more keys than an environment holds',
      { issuers: [{ ...issuer, jwks: { keys: Array.from({ length: 10 }, () => key) } }] },
      'issuers: must be shorter: ',
    ],
    ['with short passwords', { passwordMinLength: 7 }, 'passwordMinLength: '],
    ['with endless passwords', { passwordMinLength: 65 }, 'passwordMinLength: '],
    ['with a deletion that was never made', { restoreDays: -1 }, 'restoreDays: '],
    ['with a deletion that never ends', { restoreDays: 3651 }, 'restoreDays: '],
    ['with half a day', { restoreDays: 0.5 }, 'restoreDays: '],
    ['with any origin', { corsOrigins: ['*'] }, 'corsOrigins[0]: must be an https origin'],
    [
      'with an origin on plain http',
      { corsOrigins: ['http://app.example.com'] },
      'corsOrigins[0]: must be an https origin',
    ],
    [
      'with a path for an origin',
      { corsOrigins: ['https://app.example.com/'] },
      'corsOrigins[0]: must be an https origin',
    ],
    ['with an id prefix of its own', { idPrefix: 'acme' }, 'idPrefix: '],
    ['with an unknown removal policy', { removalPolicy: 'snapshot' }, 'removalPolicy: '],
    [
      'with a retention that CloudWatch has not',
      { logRetentionDays: 8 },
      'logRetentionDays: must be one of 1, 3, 5, ',
    ],
    ['with no requests let through', { throttle: { rate: 0, burst: 1 } }, 'throttle.rate: '],
    [
      'with more for one tenant than for all',
      { throttle: { rate: 40, burst: 80, perTenant: 41 } },
      'throttle.perTenant: must not be above rate',
    ],
    [
      'with a host suffix outside its zone',
      {
        tenantHost: {
          suffix: 'badexample.com',
          hostedZone: { id: 'Z1', name: 'example.com' },
          certificateArn: 'arn:aws:acm:eu-north-1:123456789012:certificate/1',
        },
      },
      'tenantHost.suffix: must lie in the hosted zone',
    ],
    [
      'with a host suffix without its zone',
      { tenantHost: { suffix: 'admin.example.com' } },
      'tenantHost.hostedZone: ',
    ],
    ['without an address that mails come from', { mail: undefined }, 'mail: '],
    [
      'with mails that come from nowhere',
      { mail: { from: 'Roster' } },
      'mail.from: must be an email address',
    ],
    [
      'with no mails at all for a tenant',
      { mail: { ...mail, perTenantHour: 0 } },
      'mail.perTenantHour: ',
    ],
    [
      'with mails to one person without end',
      { mail: { ...mail, perRecipientDay: 101 } },
      'mail.perRecipientDay: ',
    ],
    ['with invitations that are over at once', { invitationDays: 0 }, 'invitationDays: '],
    [
      'with invitations that outlive the key they were made with',
      { invitationDays: 31 },
      'invitationDays: ',
    ],
    ['without a key for links', { linkKeys: [] }, 'linkKeys: '],
    ['with a key for links twice', { linkKeys: ['1', '1'] }, 'linkKeys: must differ'],
    [
      'with a key for links that no variable could name',
      { linkKeys: ['a key'] },
      'linkKeys[0]: must be 1 to 8 lower-case letters',
    ],
    [
      'with a signing key twice',
      { signingKeys: { current: '1', previous: '1' } },
      'signingKeys: must differ',
    ],
    ['with nothing to sign with', { signingKeys: { next: '2' } }, 'signingKeys.current: '],
    [
      'with a signing key that no variable could name',
      { signingKeys: { current: 'a key' } },
      'signingKeys.current: must be 1 to 8',
    ],
    ['without the native dialect', { dialects: ['cradl'] }, 'dialects: must include native'],
    ['with a dialect twice', { dialects: ['native', 'native'] }, 'dialects: must differ'],
    [
      'with an unknown dialect',
      { dialects: ['native', 'scim'] },
      'dialects[1]: must be native, cradl, jitsudo or credible',
    ],
    [
      'with a resource server that is no URI',
      { resourceServers: ['billing'] },
      'resourceServers[0]: must be an absolute URI',
    ],
    [
      'with a resource server with a fragment',
      { resourceServers: ['https://a.example.com#b'] },
      'resourceServers[0]: must be an absolute URI',
    ],
    [
      'with a resource server twice',
      { resourceServers: ['urn:a:b', 'urn:a:b'] },
      'resourceServers: must differ',
    ],
    [
      'with a resource server that is Roster itself',
      { issuerUrl: 'https://users.example.com', resourceServers: ['https://users.example.com/v1'] },
      'resourceServers: must not lie below issuerUrl',
    ],
    [
      'with an address of its own on plain http',
      { issuerUrl: 'http://users.example.com' },
      'issuerUrl: must be an https URL of a public host',
    ],
    [
      'with an address of its own on this machine',
      { issuerUrl: 'https://localhost' },
      'issuerUrl: must be an https URL of a public host',
    ],
    [
      'with an address of its own that ends in a slash',
      { issuerUrl: 'https://users.example.com/' },
      'issuerUrl: must be an https URL of a public host',
    ],
    [
      'with the address of another issuer',
      { issuerUrl: 'https://id.example.com' },
      'issuerUrl: must not be the issuer of an entry in issuers',
    ],
    [
      'with a source of invitations of no account',
      { inviteSources: [{ ...source, account: '1234' }] },
      'inviteSources[0].account: must be the 12 digits',
    ],
    [
      'with a source of invitations that is its own',
      { inviteSources: [{ ...source, source: 'roster' }] },
      'inviteSources[0].source: must be a source of your own',
    ],
    [
      'with a source of invitations that is a service of AWS',
      { inviteSources: [{ ...source, source: 'aws.s3' }] },
      'inviteSources[0].source: must be a source of your own',
    ],
    [
      'with a source of invitations by the name of its tenant',
      { inviteSources: [{ ...source, tenant: 'acme' }] },
      'inviteSources[0].tenant: ',
    ],
    [
      'with a source of invitations that has no rights',
      { inviteSources: [{ ...source, roles: [] }] },
      'inviteSources[0].roles: ',
    ],
    [
      'with a source of invitations twice',
      { inviteSources: [source, source] },
      'inviteSources: each account and source must be unique',
    ],
    [
      'with more sources of invitations than an environment holds',
      {
        inviteSources: Array.from({ length: 30 }, (_, index) => ({
          ...source,
          source: `com.example.${index}`,
        })),
      },
      'inviteSources: must be shorter: ',
    ],
    [
      'with more senders than an environment holds',
      {
        mail: {
          ...mail,
          senders: Array.from({ length: 300 }, (_, index) => `${index}.example.com`),
        },
      },
      'mail.senders: must be shorter: ',
    ],
    ['with a name that no stack can have', { name: '1st' }, 'name: must be 1 to 32 letters'],
    ['with a name that is too long', { name: 'x'.repeat(33) }, 'name: must be 1 to 32 letters'],
    [
      'with no address left',
      { defaultEndpoint: false, issuerUrl: undefined },
      'defaultEndpoint: must be true unless',
    ],
    [
      'with no host left',
      { defaultEndpoint: false, tenantHost: undefined },
      'defaultEndpoint: must be true unless',
    ],
    [
      'with an unknown field',
      { alarmTopic: 'blue' },
      'alarmTopic: is not a known field; did you mean alarmTopicArn?',
    ],
  ])('%s', (_why, change, message) => {
    expect(() => configured(change)).toThrow(message);
  });

  test('in a missing file, in invalid JSON, and in a folder', () => {
    const file = join(folder, 'broken.json');
    writeFileSync(file, '{');
    expect(() => readConfig(file)).toThrow(`${file} cannot be read as JSON`);
    expect(() => readConfig('absent.json')).toThrow('absent.json cannot be read as JSON');
    expect(() => readConfig(undefined)).toThrow('--context config=FILE');
  });

  test('with a plain message and without a stack trace from cdk synth', () => {
    const file = join(folder, 'empty.json');
    writeFileSync(file, '{}');
    const { status, stdout, stderr } = spawnSync(process.execPath, ['infra/app.ts'], {
      env: { ...getShellEnvironment(), CDK_CONTEXT_JSON: JSON.stringify({ config: file }) },
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(
      /^\S+empty\.json is not a valid configuration:\n {2}alarmTopicArn: is required\n {2}mail: is required\n$/,
    );
  });
});
