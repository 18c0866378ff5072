import { BatchWriteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import type { Key } from '../../lib/store/keys.ts';
import { createSchemaUpgrade } from '../../lib/store/schema-upgrade.ts';
import { createEntryMigration } from '../../lib/store/users/entry-migration.ts';
import { createUserIn, type UserRefs } from '../support/authenticated-routes.ts';
import { auditTables } from '../support/database/table-audit.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { readListPage } from '../support/dialects/list-users.ts';
import { adminToken, createTestService, type TenantSlug } from '../support/service.ts';

type Item = Record<string, unknown>;

const clock = { ms: Date.now() };
const service = await createTestService({ now: () => new Date(clock.ms) });
const { stored } = service;
const users: Record<string, UserRefs> = {
  plain: await createUserIn(service, 'acme', { userName: undefined }),
  full: await createUserIn(service, 'acme', {
    userName: 'other-address@example.org',
    password: goodPassword,
    identity: { issuer: 'https://id.example.com', subject: 'full' },
  }),
  shared: await createUserIn(service, 'north'),
};

const isClaim = ({ sk }: Item) => /^(EMAIL|USERNAME|IDENTITY)#/.test(String(sk));

/** Converts all items to version 2, in which claims have only IDs and the partition of the tenant. */
async function downgrade(table: string): Promise<void> {
  for (const item of await stored.all(table)) {
    const { pk, sk, tenantId: tenant, userId } = item;
    const old = isClaim(item)
      ? { pk: `TENANT#${tenant}`, sk, tenantId: tenant, userId }
      : { ...item };
    const requests = [
      ...(old.pk === pk ? [] : [{ DeleteRequest: { Key: { pk, sk } } }]),
      { PutRequest: { Item: { ...old, schemaVersion: 2 } } },
    ];
    await stored.client.send(new BatchWriteCommand({ RequestItems: { [table]: requests } }));
  }
}

const upgrade = createSchemaUpgrade(stored.client, Date.now);

/** Upgrade during which something happens after each scan. */
const upgradeAround = (afterScan: () => Promise<void>) => {
  const send = async (command: object) => {
    const output = await stored.client.send(command as ScanCommand);
    if (command instanceof ScanCommand) await afterScan();
    return output;
  };
  return createSchemaUpgrade({ send } as typeof stored.client, Date.now);
};
const deadline = Date.now() + 60_000;

/** Upgrades the items of a table, at most `maxPages`, and returns its deferred keys. */
async function upgradeTable(table: string, maxPages = 1000): Promise<readonly Key[]> {
  const deferredKeys: Key[] = [];
  let after: Key | undefined;
  for (let page = 0; page < maxPages; page++) {
    const upgraded = await upgrade.upgradePage(table, { after, limit: 5, deadline });
    deferredKeys.push(...upgraded.deferredKeys);
    after = upgraded.next;
    if (!after) break;
  }
  return deferredKeys;
}

async function upgradeAll(): Promise<void> {
  for (const table of [stored.directory, stored.secrets])
    for (const key of await upgradeTable(table)) await upgrade.upgradeItem(table, key, deadline);
}

const rewriteEntries = () =>
  createEntryMigration(
    stored,
    Date.now,
  )({
    after: undefined,
    limit: 1000,
    mode: 'rewrite',
    deadline,
  });

/** Items in order, with parsed views, whose attributes have another order after a migration. */
const normalize = (items: readonly Item[]) =>
  items
    .map(({ view, ...item }) => ({ ...item, view: typeof view === 'string' && JSON.parse(view) }))
    .toSorted((a, b) => formatKey(a).localeCompare(formatKey(b)));
const formatKey = ({ pk, sk }: Item): string => `${String(pk)} ${String(sk)}`;

const create = (slug: TenantSlug, body: object) =>
  service.post('/v1/users', body, { token: adminToken(slug) });
const list = () => readListPage(service, 'native');

it('upgrades version 2, and rejects requests of a tenant until it is complete', async () => {
  const { users: before } = await list();
  const [directory, secrets] = [await stored.all(), await stored.all(stored.secrets)];
  await downgrade(stored.directory);
  await downgrade(stored.secrets);
  // Lets the caches expire.
  clock.ms += 60_000;
  const expectUnavailable = async () => {
    for (const slug of ['acme', 'north'] as const)
      expect(await create(slug, { email: `new@${slug}.example` })).toMatchObject({ status: 503 });
    await expect(list()).rejects.toThrow('503');
  };
  await expectUnavailable();

  await upgradeTable(stored.directory, 4);
  await expectUnavailable();
  const deferredKeys = await upgradeTable(stored.directory);
  await expectUnavailable();
  for (const key of deferredKeys) await upgrade.upgradeItem(stored.directory, key, deadline);
  await upgradeAll();
  clock.ms += 60_000;

  expect((await list()).users).toEqual(before);
  expect(await rewriteEntries()).toMatchObject({ rewritten: 4, differences: [], next: undefined });
  expect((await list()).users).toEqual(before);
  expect(await auditTables(service)).toMatchObject({ missing: [], stray: [] });
  const email = `${users['plain']?.credible}@example.com`;
  expect(await create('acme', { email })).toMatchObject({ status: 409 });
  expect(normalize(await stored.all())).toEqual(normalize(directory));
  expect(normalize(await stored.all(stored.secrets))).toEqual(normalize(secrets));
});

it('does not restore the claims of a user who is deleted while another upgrade runs', async () => {
  const user = await createUserIn(service, 'acme', {
    userName: 'short-lived@example.org',
    identity: { issuer: 'https://id.example.com', subject: 'short-lived' },
  });
  await downgrade(stored.directory);
  await downgrade(stored.secrets);
  clock.ms += 60_000;
  const delayed = upgradeAround(async () => {
    await upgradeAll();
    clock.ms += 60_000;
    const deleted = await service.send('DELETE', `/v1/users/${user.native}`, {
      token: adminToken('acme'),
    });
    expect(deleted.status).toBe(204);
  });
  await delayed.upgradePage(stored.directory, { after: undefined, limit: 1000, deadline });
  await rewriteEntries();
  expect(await auditTables(service)).toMatchObject({ missing: [], stray: [] });
});
