import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keys } from '../../lib/store/keys.ts';
import type { CliResult } from '../support/scenarios/command-process.ts';
import { runCli, selectTables, startCommandProcess } from '../support/scenarios/run-cli.ts';
import { createTestService } from '../support/service.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const { stored } = await createTestService();

const folder = createTemporaryFolder();
const config = join(folder, 'roster.config.json');
const alarmTopicArn = 'arn:aws:sns:eu-north-1:123456789012:alarms';
writeFileSync(
  config,
  JSON.stringify({
    alarmTopicArn,
    mail: { from: 'accounts@globex.example', senders: ['umbrella.example'] },
  }),
);

const ownerAndOrigin = [
  '--owner',
  'bertram@umbrella.example',
  '--origin',
  'https://umbrella.example',
];
/** Runs `npm run bootstrap` for a tenant in the tables of this service. */
const bootstrap = (...args: string[]): Promise<CliResult> =>
  runCli('bootstrap', [...ownerAndOrigin, ...args], { stored });

const runNext = startCommandProcess();
/** Runs the command in one process for all calls, after the previous call has ended. */
const bootstrapNext = (...args: string[]): Promise<CliResult> =>
  runNext({ name: 'bootstrap', args: [...ownerAndOrigin, ...args, ...selectTables(stored)] });

const printed = async (args: readonly string[], run = bootstrapNext) => {
  const { code, output } = await run(...args);
  expect([code, output]).toEqual([0, expect.stringMatching(/^\{/)]);
  return JSON.parse(output) as {
    tenantId: string;
    ownerUserId: string;
    clientId: string;
    clientSecret: string | null;
  };
};
const uuid = (id: string) =>
  id.replace(/^cradl:user:(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

test('prints its options for --help', async () => {
  expect(await bootstrap('--help')).toEqual({
    code: 0,
    output: expect.stringMatching(/^Usage: npm run bootstrap/),
  });
});

test('creates a tenant, an invited owner and an app client once', async () => {
  const first = await printed(['--tenant', 'hooli']);
  expect(first).toEqual({
    tenantId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    ownerUserId: expect.stringMatching(/^cradl:user:[0-9a-f]{32}$/),
    clientId: expect.stringMatching(/^[0-9a-f]{32}$/),
    clientSecret: expect.stringMatching(new RegExp(`^roster_${first.clientId}_[\\w-]{43}$`)),
  });
  expect(await stored.item(keys.tenant(first.tenantId))).toMatchObject({
    slug: 'hooli',
    ownerUserId: uuid(first.ownerUserId),
  });
  expect(await stored.item(keys.user(first.tenantId, uuid(first.ownerUserId)))).toMatchObject({
    email: 'bertram@umbrella.example',
    roles: ['admin'],
    status: 'invite_pending',
    dueAt: expect.any(String),
  });
  expect(await stored.item(keys.appClient(first.tenantId, 'bootstrap'))).toMatchObject({
    clientId: first.clientId,
    roles: ['admin'],
  });

  const before = [await stored.all(), await stored.all(stored.secrets)];
  expect(await printed(['--tenant', 'hooli'])).toEqual({ ...first, clientSecret: null });
  expect([await stored.all(), await stored.all(stored.secrets)]).toEqual(before);
  expect(JSON.stringify(before)).not.toContain(first.clientSecret);
});

test('creates a system administrator app client only with --system', async () => {
  const [tenant, system] = [
    await printed(['--tenant', 'piper']),
    await printed(['--tenant', 'piper', '--system']),
  ];
  expect(system).toMatchObject({
    tenantId: tenant.tenantId,
    clientSecret: expect.stringContaining(system.clientId),
  });
  expect(await stored.item(keys.appClient(tenant.tenantId, 'bootstrap-system'))).toMatchObject({
    systemAdministrator: true,
  });
  expect(await stored.item(keys.appClient(tenant.tenantId, 'bootstrap'))).not.toHaveProperty(
    'systemAdministrator',
  );
});

test('replaces a lost secret, which becomes invalid', async () => {
  const first = await printed(['--tenant', 'aviato']);
  const renewed = await printed(['--tenant', 'aviato', '--new-secret']);
  expect(renewed).toEqual({
    ...first,
    clientSecret: expect.stringMatching(new RegExp(`^roster_${first.clientId}_`)),
  });
  expect(renewed.clientSecret).not.toBe(first.clientSecret);
  const secretItems = (await stored.all(stored.secrets)).filter(({ pk }) =>
    String(pk).includes(first.tenantId),
  );
  expect(secretItems.map(({ hash }) => hash)).toEqual([
    createHash('sha256').update(String(renewed.clientSecret)).digest('hex'),
  ]);
});

test('creates one tenant in two concurrent runs', async () => {
  const [one, other] = await Promise.all([
    printed(['--tenant', 'raviga'], bootstrap),
    printed(['--tenant', 'raviga'], bootstrap),
  ]);
  expect({ ...one, clientSecret: null }).toEqual({ ...other, clientSecret: null });
  expect([one, other].filter(({ clientSecret }) => clientSecret !== null)).toHaveLength(1);
  expect(
    (await stored.all()).filter(({ sk, slug }) => sk === 'TENANT' && slug === 'raviga'),
  ).toHaveLength(1);
});

test('sets pages, sender, language and invitation lifetime of a tenant', async () => {
  const pages = {
    acceptUrl: 'https://welcome.example/join',
    resetUrl: 'https://welcome.example/new-password',
    confirmUrl: 'https://welcome.example/confirm-email',
    verifyUrl: 'https://welcome.example/verify-email',
  };
  const own = { ...pages, sender: 'hello@umbrella.example', locale: 'de-CH', invitationDays: 30 };
  const links = [
    '--accept-url',
    own.acceptUrl,
    '--reset-url',
    own.resetUrl,
    '--confirm-url',
    own.confirmUrl,
    '--verify-url',
    own.verifyUrl,
  ];
  const mail = [...links, '--sender', own.sender, '--config', config, '--locale', 'de_ch'];
  const { tenantId } = await printed(['--tenant', 'umbrella', ...mail, '--invitation-days', '30']);
  expect(await stored.item(keys.tenant(tenantId))).toMatchObject(own);
});

test('uses the settings of the deployment by default', async () => {
  const { tenantId } = await printed(['--tenant', 'initech']);
  const tenant = await stored.item(keys.tenant(tenantId));
  expect(tenant).toMatchObject({ origin: 'https://umbrella.example', locale: 'en' });
  for (const field of [
    'acceptUrl',
    'resetUrl',
    'confirmUrl',
    'verifyUrl',
    'sender',
    'invitationDays',
  ])
    expect(tenant).not.toHaveProperty(field);
});

describe('creates no tenant', () => {
  test.each([
    ['with a page over HTTP', '--accept-url', 'http://welcome.example/join'],
    ['with a page URL that has a fragment', '--accept-url', 'https://welcome.example/#join'],
    ['with a reset page over HTTP', '--reset-url', 'http://welcome.example/reset'],
    ['with a confirmation page over HTTP', '--confirm-url', 'http://welcome.example/confirm'],
    ['for an owner with an invalid email', '--owner', 'bertram'],
    ['with a reserved slug', '--tenant', 'www'],
    ['with an invalid sender', '--sender', 'Umbrella'],
    [
      'with a sender that is not configured',
      '--sender',
      'hello@sub.umbrella.example',
      '--config',
      config,
    ],
    ['in an unsupported language', '--locale', 'it'],
    ['with a malformed language tag', '--locale', 'de_'],
    ['with an invitation lifetime that is too long', '--invitation-days', '31'],
    ['with an invitation lifetime of 0', '--invitation-days', '0'],
  ])('%s', async (_why, option, ...values) => {
    const { code, output } = await bootstrapNext('--tenant', 'acme-too', option, ...values);
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(new RegExp(`^${option} must be [^]*\n\nUsage: npm run bootstrap`)),
    ]);
  });

  test('with a sender and without a configuration', async () => {
    const { code, output } = await bootstrapNext(
      '--tenant',
      'acme-too',
      '--sender',
      'hello@umbrella.example',
      '--config',
      'none.json',
    );
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(
        /^--sender must be covered by the configuration, and there is no none\.json:/,
      ),
    ]);
  });
});
