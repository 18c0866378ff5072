import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, expect, test } from 'vitest';
import { startFakeDns } from '../../../infra/local/fakes/dns.ts';
import { createTxtLookup } from '../../../lib/aws/dns.ts';

const dns = await startFakeDns();
afterAll(() => dns.close());
const name = '_roster.acme.example';

test('TXT records are looked up over UDP, in any case', async () => {
  dns.records.set(name, ['v=spf1 -all', 'roster-verification=1', 'x'.repeat(300)]);
  for (const spelling of [name, name.toUpperCase()]) {
    const [answer] = await createTxtLookup([dns.address])(spelling);
    expect([...(answer ?? [])].toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      'roster-verification=1',
      'v=spf1 -all',
      'x'.repeat(300),
    ]);
  }
});

test('a missing name and a name without TXT records have no records', async () => {
  dns.records.set('empty.example', []);
  const lookUp = createTxtLookup([dns.address]);
  expect([await lookUp('missing.example'), await lookUp('empty.example')]).toEqual([[[]], [[]]]);
});

test('every resolver is asked', async () => {
  const other = await startFakeDns();
  dns.records.set(name, ['one']);
  other.records.set(name, ['two']);
  expect(await createTxtLookup([dns.address, other.address])(name)).toEqual([['one'], ['two']]);
  await other.close();
});

test('a resolver that answers with an error or not at all has failed', async () => {
  const failing = createSocket('udp4');
  failing.on('message', (query, { address, port }) => {
    const answer = Buffer.from(query);
    // SERVFAIL (RFC 1035 §4.1.1).
    answer.writeUInt16BE(0x8182, 2);
    failing.send(answer, port, address);
  });
  failing.bind(0, '127.0.0.1');
  await once(failing, 'listening');
  const closed = await startFakeDns();
  await closed.close();
  dns.records.set(name, ['one']);
  const resolvers = [dns.address, `127.0.0.1:${failing.address().port}`, closed.address];
  expect(await createTxtLookup(resolvers)(name)).toEqual([['one'], 'failed', 'failed']);
  failing.close();
});
