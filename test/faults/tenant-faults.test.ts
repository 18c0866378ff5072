/**
 * Failures of the transaction that creates a tenant: tenant and owner exist, or nothing does, and
 * the response says which [K13].
 */
import { describe, expect, it } from 'vitest';
import { tenantInput } from '../support/authenticated-routes.ts';
import {
  createFaultyService,
  always,
  type Fault,
  hangResponse,
  faultsInOrder,
  cancelTransaction,
  truncateResponse,
  dropRequest,
  loseIdempotencyToken,
  dropResponse,
  failWith,
} from '../support/faults/fault-proxy.ts';
import { systemToken } from '../support/service.ts';

const transaction = 'TransactWriteItems';
const { service, database } = await createFaultyService({
  attempts: 1,
  timeoutMs: 20_000,
  faultMs: 4000,
});
const creates = (draft: object) =>
  service.post('/v1/tenants', draft, { token: systemToken('acme') });
await creates(tenantInput());

/** Items of a tenant: tenant, slug, list entry and owner. */
const countItems = async ({ slug, ownerEmail }: { slug: string; ownerEmail: string }) => {
  database.isWell();
  const items = await service.stored.all();
  const has = (isIt: (item: Record<string, unknown>) => boolean) => items.filter(isIt).length;
  return [
    has((item) => item['sk'] === 'TENANT' && item['slug'] === slug),
    has(({ pk }) => pk === `SLUG#${slug}`),
    has(({ sk }) => sk === `SLUG#${slug}`),
    has(({ sk, email }) => sk === 'USER' && email === ownerEmail),
  ];
};
const whole = [1, 1, 1, 1];
const nothing = [0, 0, 0, 0];

describe('a transaction that', () => {
  it.each<[string, Fault]>([
    [
      'conflicts with another transaction',
      cancelTransaction((key) => (key.endsWith('TENANT') ? 'TransactionConflict' : 'None')),
    ],
    ['is throttled', failWith('ThrottlingException')],
    ['is lost', dropRequest],
    ['loses its response', dropResponse],
    ['gets a truncated response', truncateResponse],
  ])('%s is retried unchanged and takes effect once', async (_, fault) => {
    const draft = tenantInput();
    database.goesWrong(faultsInOrder(transaction, fault, fault));
    expect((await creates(draft)).status).toBe(201);
    const sent = database.sent
      .filter(({ operation }) => operation === transaction)
      .map(({ text }) => text);
    expect([sent.length, new Set(sent).size]).toEqual([3, 1]);
    expect(await countItems(draft)).toEqual(whole);
  });

  it('lost its response is recognized when the retry conflicts with it', async () => {
    const draft = tenantInput();
    database.goesWrong(faultsInOrder(transaction, dropResponse, loseIdempotencyToken));
    expect((await creates(draft)).status).toBe(201);
    expect(await countItems(draft)).toEqual(whole);
  });

  it('never gets a response took effect if the slug belongs to it', async () => {
    const draft = tenantInput();
    database.goesWrong(always(hangResponse, transaction));
    expect((await creates(draft)).status).toBe(201);
    expect(await countItems(draft)).toEqual(whole);
  });

  it('never arrives had no effect', async () => {
    const draft = tenantInput();
    database.goesWrong(always(dropRequest, transaction));
    expect(await creates(draft)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(await countItems(draft)).toEqual(nothing);
  });

  it('never arrives while another request takes the slug is a conflict', async () => {
    const draft = tenantInput();
    const elsewhere: Fault = async ({ perform, sent, drop }) => {
      // Another tenant with the same slug under another ID.
      const [id = ''] = /"tenantId":\{"S":"([0-9a-f-]{36})"\}/.exec(sent.text)?.slice(1) ?? [];
      await perform(
        sent.text
          .replaceAll(id, '11111111-1111-4111-8111-111111111111')
          .replace(/"ClientRequestToken":"[^"]+"/, '"ClientRequestToken":"other"'),
      );
      drop();
    };
    database.goesWrong((sent) => (sent.operation === transaction ? elsewhere : undefined));
    expect(await creates(draft)).toMatchObject({
      status: 409,
      body: { code: 'slug_taken', details: { field: 'slug' } },
    });
  });
});

describe('an update of a tenant that is deleted meanwhile', () => {
  it('is 404 and changes nothing', async () => {
    database.isWell();
    const { body } = await creates(tenantInput());
    const path = `/v1/tenants/${body.tenantId}`;
    const token = systemToken('acme');
    const deleteFirst: Fault = async ({ perform, answer }) => {
      database.isWell();
      expect((await service.send('DELETE', path, { token })).status).toBe(204);
      answer(await perform());
    };
    database.goesWrong(faultsInOrder(transaction, deleteFirst));
    expect(await service.send('PATCH', path, { token, body: { name: 'Late' } })).toMatchObject({
      status: 404,
    });
    expect((await service.get(path, { token })).body).toMatchObject({
      name: body.name,
      status: 'deleted',
    });
  });
});
