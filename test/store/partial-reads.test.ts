/**
 * DynamoDB reads at most 16 MB of a batch, or less under load, and returns unprocessed keys. No
 * emulator does.
 */
import { describe, expect, it, vi } from 'vitest';
import {
  createFaultyService,
  always,
  type Fault,
  faultsInOrder,
  passThrough,
} from '../support/faults/fault-proxy.ts';
import {
  seedUsers,
  requestPage,
  listDialects,
  readAllPages,
  readListPage,
} from '../support/dialects/list-users.ts';

type Batch = Record<string, { readonly Keys: readonly object[]; readonly ConsistentRead: boolean }>;

/** Returns a number of the keys and leaves the rest unprocessed. */
const readsOnly =
  (most: number): Fault =>
  async ({ sent, perform, answer }) => {
    const { RequestItems } = JSON.parse(sent.text) as { RequestItems: Batch };
    const [[table, { Keys, ConsistentRead }]] = Object.entries(RequestItems) as [
      [string, Batch[string]],
    ];
    const unprocessed = Keys.slice(most);
    const UnprocessedKeys =
      unprocessed.length > 0 ? { [table]: { Keys: unprocessed, ConsistentRead } } : {};
    if (most === 0)
      return answer({
        status: 200,
        body: Buffer.from(JSON.stringify({ Responses: {}, UnprocessedKeys })),
      });
    const read = { RequestItems: { [table]: { Keys: Keys.slice(0, most), ConsistentRead } } };
    const { body } = await perform(JSON.stringify(read));
    answer({
      status: 200,
      body: Buffer.from(JSON.stringify({ ...JSON.parse(body.toString()), UnprocessedKeys })),
    });
  };

// Reads of unprocessed keys then follow without a pause.
vi.spyOn(Math, 'random').mockReturnValue(0);

const { database, service } = await createFaultyService();
// Lists read only large users in batches.
const crowd = await seedUsers(service, 'acme', 130, () => ({ description: 'é'.repeat(500) }));

describe('a list with partial batch reads', () => {
  it.each(listDialects)('is complete and in order in %s', async (dialect) => {
    for (const most of [24, 10, 5]) {
      database.goesWrong(always(readsOnly(most), 'BatchGetItem'));
      expect(
        (await readListPage(service, dialect, { query: { limit: 100 } })).emails,
        String(most),
      ).toEqual(crowd.slice(0, 100));
    }
    database.goesWrong(always(readsOnly(12), 'BatchGetItem'));
    expect((await readAllPages(service, dialect, { query: { limit: 70 } })).flat()).toEqual(crowd);
  });

  it('is complete after reads without any result', async () => {
    database.goesWrong(
      faultsInOrder('BatchGetItem', readsOnly(0), readsOnly(1), readsOnly(0), passThrough),
    );
    expect((await readListPage(service, 'native', { query: { limit: 5 } })).emails).toEqual(
      crowd.slice(0, 5),
    );
  });

  it('fails instead of returning a short page if keys stay unprocessed', async () => {
    database.goesWrong(always(readsOnly(0), 'BatchGetItem'));
    expect(await requestPage(service, 'native')).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { code: 'unavailable' },
    });
    database.isWell();
    expect((await readListPage(service, 'native')).emails).toEqual(crowd.slice(0, 50));
  });
});
