import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { configSchema, readConfig } from '../../infra/config.ts';
import { listConfigurations } from '../support/project/docs-examples.ts';
import { getShellEnvironment } from '../support/environment.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const example = JSON.parse(readFileSync('infra/example.config.json', 'utf8')) as {
  issuers: object[];
};
const folder = createTemporaryFolder();

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
    cradlIdPrefix: 'cradl',
    permissions: [],
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
const listSchemaFields = (schema: z.ZodType, path = ''): string[] => {
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
  if (inner) return listSchemaFields(inner, path);
  if (!def.shape) return [];
  return Object.entries(def.shape as Record<string, z.ZodType>).flatMap(([name, field]) => [
    `${path}${name}`,
    ...listSchemaFields(field, `${path}${name}.`),
  ]);
};
const listFields = (value: unknown, path = ''): string[] => {
  if (Array.isArray(value)) return value.flatMap((item) => listFields(item, path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => [
    `${path}${name}`,
    ...listFields(field, `${path}${name}.`),
  ]);
};

test('the example has every setting, nested ones included', () => {
  const settings = listSchemaFields(configSchema);
  expect(settings).toEqual(
    expect.arrayContaining([
      'name',
      'mail.from',
      'tenantHost.hostedZone.id',
      'issuers.jwks.keys.kid',
      'inviteSources.roles',
    ]),
  );
  const exampleFields = new Set(listFields(example));
  expect(settings.filter((name) => !exampleFields.has(name))).toEqual([]);
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
    ['with an issuer instead of a list', { issuers: { ...issuer } }, 'issuers: must be an array'],
    ['without an alarm topic', { alarmTopicArn: undefined }, 'alarmTopicArn: '],
    [
      'with an invalid alarm topic',
      { alarmTopicArn: 'alarms' },
      'alarmTopicArn: must be the ARN of an SNS topic',
    ],
    [
      'with an issuer over HTTP',
      { issuers: [{ ...issuer, issuer: 'http://id.example.com' }] },
      'issuers[0].issuer: must be an https URL',
    ],
    [
      'with keys over HTTP',
      { issuers: [{ ...issuer, jwksUri: 'http://id.example.com/keys' }] },
      'issuers[0].jwksUri: must be an https URL',
    ],
    [
      'with an issuer on localhost',
      { issuers: [{ ...issuer, issuer: 'https://localhost' }] },
      'issuers[0].issuer: must be an https URL of a public host',
    ],
    [
      'with keys on localhost',
      { issuers: [{ ...issuer, jwksUri: 'http://127.0.0.1:4000/keys' }] },
      'issuers[0].jwksUri: must be an https URL of a public host',
    ],
    [
      'with keys on the IPv6 loopback address',
      { issuers: [{ ...issuer, jwksUri: 'https://[::1]/keys' }] },
      'issuers[0].jwksUri: must be an https URL of a public host',
    ],
    [
      'with a private key',
      { issuers: [{ ...issuer, jwks: { keys: [{ ...key, d: 'secret' }] } }] },
      'issuers[0].jwks.keys[0]: must be a public key',
    ],
    [
      'with an issuer without an audience',
      { issuers: [{ ...issuer, audience: undefined }] },
      'issuers[0]: needs either audience or clientIds',
    ],
    [
      'with a repeated issuer',
      { issuers: [issuer, issuer] },
      'issuers: each issuer must be unique',
    ],
    [
      'with more keys than the environment can contain',
      { issuers: [{ ...issuer, jwks: { keys: Array.from({ length: 10 }, () => key) } }] },
      'issuers: must be shorter: ',
    ],
    [
      'with a minimum password length that is too short',
      { passwordMinLength: 7 },
      'passwordMinLength: ',
    ],
    [
      'with a minimum password length that is too long',
      { passwordMinLength: 65 },
      'passwordMinLength: ',
    ],
    ['with a negative restore period', { restoreDays: -1 }, 'restoreDays: '],
    ['with a restore period that is too long', { restoreDays: 3651 }, 'restoreDays: '],
    ['with a fraction of a day', { restoreDays: 0.5 }, 'restoreDays: '],
    ['with a wildcard origin', { corsOrigins: ['*'] }, 'corsOrigins[0]: must be an https origin'],
    [
      'with an origin over HTTP',
      { corsOrigins: ['http://app.example.com'] },
      'corsOrigins[0]: must be an https origin',
    ],
    [
      'with an origin that has a path',
      { corsOrigins: ['https://app.example.com/'] },
      'corsOrigins[0]: must be an https origin',
    ],
    ['with a permission without an action', { permissions: ['invoices'] }, 'permissions[0]: must '],
    [
      'with a permission of Roster',
      { permissions: ['a:b', 'users:approve'] },
      'permissions[1]: must have another resource, because users belongs to Roster',
    ],
    ['with a permission that Roster may add', { permissions: ['webhooks:x'] }, 'permissions[0]: '],
    [
      'with a long permission',
      { permissions: [`a:${'b'.repeat(63)}`] },
      'permissions[0]: must have at most 64 characters',
    ],
    ['with a repeated permission', { permissions: ['a:b', 'a:b'] }, 'permissions: must differ'],
    [
      'with 201 permissions',
      { permissions: Array.from({ length: 201 }, (_, index) => `a:b${index}`) },
      'permissions: must have at most 200 items',
    ],
    [
      'with long permissions',
      {
        permissions: Array.from({ length: 40 }, (_, index) =>
          `a:${index}`.replace(':', `:${'b'.repeat(50)}`),
        ),
      },
      'permissions: must have at most 2000 characters together',
    ],
    ['with an ID prefix in upper case', { idPrefix: 'Acme' }, 'idPrefix: must be 1 to 32 '],
    ['with a long ID prefix', { idPrefix: 'a'.repeat(33) }, 'idPrefix: must be 1 to 32 '],
    ['with a custom ID prefix of Cradl', { cradlIdPrefix: 'acme' }, 'cradlIdPrefix: '],
    ['without a DNS resolver', { dnsResolvers: [] }, 'dnsResolvers: '],
    ['with a DNS resolver by name', { dnsResolvers: ['dns.google'] }, 'dnsResolvers[0]: '],
    ['with a repeated DNS resolver', { dnsResolvers: ['::1', '::1'] }, 'dnsResolvers: '],
    ['with an unknown removal policy', { removalPolicy: 'snapshot' }, 'removalPolicy: '],
    [
      'with a retention that CloudWatch does not support',
      { logRetentionDays: 8 },
      'logRetentionDays: must be one of 1, 3, 5, ',
    ],
    ['with a request limit of 0', { throttle: { rate: 0, burst: 1 } }, 'throttle.rate: '],
    [
      'with a tenant limit above the total',
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
    ['without a sender', { mail: undefined }, 'mail: '],
    ['with an invalid sender', { mail: { from: 'Roster' } }, 'mail.from: must be an email address'],
    [
      'with a tenant mail limit of 0',
      { mail: { ...mail, perTenantHour: 0 } },
      'mail.perTenantHour: ',
    ],
    [
      'with a recipient mail limit that is too high',
      { mail: { ...mail, perRecipientDay: 101 } },
      'mail.perRecipientDay: ',
    ],
    ['with an invitation lifetime of 0', { invitationDays: 0 }, 'invitationDays: '],
    ['with an invitation lifetime that is too long', { invitationDays: 31 }, 'invitationDays: '],
    ['without a link key', { linkKeys: [] }, 'linkKeys: '],
    ['with a repeated link key', { linkKeys: ['1', '1'] }, 'linkKeys: must differ'],
    [
      'with a link key of an invalid name',
      { linkKeys: ['a key'] },
      'linkKeys[0]: must be 1 to 8 lower-case letters',
    ],
    [
      'with a repeated signing key',
      { signingKeys: { current: '1', previous: '1' } },
      'signingKeys: must differ',
    ],
    ['without a signing key', { signingKeys: { next: '2' } }, 'signingKeys.current: '],
    [
      'with a signing key of an invalid name',
      { signingKeys: { current: 'a key' } },
      'signingKeys.current: must be 1 to 8',
    ],
    ['without the native dialect', { dialects: ['cradl'] }, 'dialects: must include native'],
    ['with a repeated dialect', { dialects: ['native', 'native'] }, 'dialects: must differ'],
    [
      'with an unknown dialect',
      { dialects: ['native', 'soap'] },
      'dialects[1]: must be native, cradl, jitsudo, credible or scim',
    ],
    [
      'with a resource server that is not a URI',
      { resourceServers: ['billing'] },
      'resourceServers[0]: must be an absolute URI',
    ],
    [
      'with a resource server with a fragment',
      { resourceServers: ['https://a.example.com#b'] },
      'resourceServers[0]: must be an absolute URI',
    ],
    [
      'with a repeated resource server',
      { resourceServers: ['urn:a:b', 'urn:a:b'] },
      'resourceServers: must differ',
    ],
    [
      'with Roster as a resource server',
      { issuerUrl: 'https://users.example.com', resourceServers: ['https://users.example.com/v1'] },
      'resourceServers: must not lie below issuerUrl',
    ],
    [
      'with its own URL over HTTP',
      { issuerUrl: 'http://users.example.com' },
      'issuerUrl: must be an https URL of a public host',
    ],
    [
      'with its own URL on localhost',
      { issuerUrl: 'https://localhost' },
      'issuerUrl: must be an https URL of a public host',
    ],
    [
      'with its own URL followed by a slash',
      { issuerUrl: 'https://users.example.com/' },
      'issuerUrl: must be an https URL of a public host',
    ],
    [
      'with an underscore in its own URL',
      { issuerUrl: 'https://users_api.example.com' },
      'issuerUrl: must have no underscore',
    ],
    [
      'with the URL of another issuer',
      { issuerUrl: 'https://id.example.com' },
      'issuerUrl: must not be the issuer of an entry in issuers',
    ],
    [
      'with an invitation source without an account',
      { inviteSources: [{ ...source, account: '1234' }] },
      'inviteSources[0].account: must be the 12 digits',
    ],
    [
      'with its own event source as an invitation source',
      { inviteSources: [{ ...source, source: 'roster' }] },
      'inviteSources[0].source: must be a source of your own',
    ],
    [
      'with an AWS service as an invitation source',
      { inviteSources: [{ ...source, source: 'aws.s3' }] },
      'inviteSources[0].source: must be a source of your own',
    ],
    [
      'with an invitation source of a tenant slug',
      { inviteSources: [{ ...source, tenant: 'acme' }] },
      'inviteSources[0].tenant: ',
    ],
    [
      'with an invitation source without roles',
      { inviteSources: [{ ...source, roles: [] }] },
      'inviteSources[0].roles: ',
    ],
    [
      'with a repeated invitation source',
      { inviteSources: [source, source] },
      'inviteSources: each account and source must be unique',
    ],
    [
      'with more invitation sources than the environment can contain',
      {
        inviteSources: Array.from({ length: 30 }, (_, index) => ({
          ...source,
          source: `com.example.${index}`,
        })),
      },
      'inviteSources: must be shorter: ',
    ],
    [
      'with more senders than the environment can contain',
      {
        mail: {
          ...mail,
          senders: Array.from({ length: 300 }, (_, index) => `${index}.example.com`),
        },
      },
      'mail.senders: must be shorter: ',
    ],
    ['with an invalid stack name', { name: '1st' }, 'name: must be 1 to 32 letters'],
    [
      'with a stack name that is too long',
      { name: 'x'.repeat(33) },
      'name: must be 1 to 32 letters',
    ],
    [
      'with neither the default endpoint nor an issuer URL',
      { defaultEndpoint: false, issuerUrl: undefined },
      'defaultEndpoint: must be true unless',
    ],
    [
      'with neither the default endpoint nor a tenant host',
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
