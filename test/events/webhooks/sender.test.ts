import type { RequestListener } from 'node:http';
import { expect, it, test } from 'vitest';
import { createAddressLookup } from '../../../lib/aws/dns.ts';
import { createWebhookConnections } from '../../../lib/aws/webhook-sender.ts';
import type { WebhookSender } from '../../../lib/domain/webhooks/webhook-sender.ts';
import { isPublicAddress } from '../../../lib/domain/webhooks/public-address.ts';
import { type Answers, startAddressDns } from '../../support/webhooks/address-dns.ts';
import { testAuthority } from '../../support/webhooks/certificates.ts';
import { startReceiver } from '../../support/webhooks/receiver.ts';

const loopback = '127.0.0.1';
const zone = new Map<string, Answers>();
const resolver = await startAddressDns((name) => zone.get(name));
type Options = Parameters<typeof createWebhookConnections>[0];
/** Sends each request on a new connection. */
const createSender = (settings: Options): Pick<WebhookSender, 'send'> => ({
  send: async (request) => {
    const connection = createWebhookConnections(settings).open();
    return connection.send(request).finally(connection.close);
  },
});

/** The address of the receivers counts as public. */
const allowsAddress = (address: string) => address === loopback || isPublicAddress(address);
const options = {
  lookUpAddresses: createAddressLookup(resolver),
  allowsAddress,
  ownHosts: ['api.roster.example', 'tenants.example'],
  allowsLocalHosts: false,
  ca: testAuthority,
};
const sender = createSender(options);
const body = '{"name":"Zoë"}';
const send = (url: string, by = sender) =>
  by.send({ url, headers: { 'content-type': 'application/json', 'webhook-id': '1' }, body });

zone.set('receiver.example', { a: [loopback] });
const receiver = await startReceiver();
const { port } = receiver;

it('sends the exact bytes over verified TLS', async () => {
  expect(await send(`${receiver.url}?key=a%20b`)).toMatchObject({ status: 204 });
  expect(receiver.requests[0]).toMatchObject({
    method: 'POST',
    path: '/hook?key=a%20b',
    body,
    headers: {
      host: `receiver.example:${port}`,
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'webhook-id': '1',
    },
  });
});

it('reuses a connection only for the same host, and repeats a request that ends it', async () => {
  const seen = new Set<object>();
  const other = await startReceiver((request, response) => {
    if (seen.has(request.socket)) request.socket.destroy();
    else response.writeHead(204).end();
    seen.add(request.socket);
  });
  const before = receiver.countConnections();
  const connection = createWebhookConnections(options).open();
  const results = [];
  for (const url of [receiver.url, receiver.url, other.url, other.url, receiver.url])
    results.push(await send(url, connection));
  connection.close();

  expect(results).toMatchObject(Array.from({ length: 5 }, () => ({ status: 204 })));
  expect(receiver.countConnections() - before).toBe(2);
  expect(other.countConnections()).toBe(2);
});

it('ends only the request that fails among several at the same time', async () => {
  const { promise: firstEnded, resolve: endFirst } = Promise.withResolvers<void>();
  const other = await startReceiver((request, response) => {
    if (request.url === '/hook?closes') request.socket.destroy();
    else void firstEnded.then(() => response.writeHead(204).end());
  });
  const connection = createWebhookConnections(options).open();
  const slow = send(other.url, connection);
  const failing = send(`${other.url}?closes`, connection);
  const first = await failing;
  endFirst();
  const results = [first, await slow, await send(other.url, connection)];
  connection.close();

  expect(results).toMatchObject([{ error: 'connection' }, { status: 204 }, { status: 204 }]);
});

test('special-purpose addresses are not public [W28]', () => {
  const special = `0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254
    169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.168.0.1 192.88.99.1 198.18.0.1
    198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1
    ::ffff:8.8.8.8 ::ffff:127.0.0.1 ::ffff:7f00:1 64:ff9b::8.8.8.8 64:ff9b::7f00:1 64:ff9b:1::1
    100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:db8::1 2002:7f00:1:: 3fff::1 5f00::1
    fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 fe80::1%eth0 2606:4700::1%eth0 localhost 8.8.8
    0x7f.1`.split(/\s+/);
  const ordinary = `1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 172.15.255.255
    172.32.0.0 192.0.1.0 198.17.255.255 198.20.0.0 223.255.255.255 2606:4700::1111 2001:200::1
    2001:4860:4860::8888 2a00::1`.split(/\s+/);
  expect(special.filter(isPublicAddress)).toEqual([]);
  expect(ordinary.filter((address) => !isPublicAddress(address))).toEqual([]);
});

const refused: Readonly<Record<string, Answers>> = {
  'private.example': { a: ['10.0.0.1'] },
  'one-of-many.example': { a: [loopback, '192.168.1.1'] },
  'mixed.example': { a: [loopback], aaaa: ['::1'] },
  'alias.example': { cname: 'internal.example', a: ['169.254.169.254'] },
  'ipv6.example': { aaaa: ['fd00::1'] },
  'mapped.example': { a: [loopback], aaaa: ['::ffff:7f00:1'] },
  'nat64.example': { aaaa: ['64:ff9b::7f00:1'] },
};
const unknown: Readonly<Record<string, Answers>> = {
  'empty.example': {},
  'failing.example': { a: [loopback], code: 2 },
};

it('connects to no host with an address that is not public [W28 W30]', async () => {
  const connections = receiver.countConnections();
  for (const [name, answers] of Object.entries({ ...refused, ...unknown })) zone.set(name, answers);
  const literals =
    '127.0.0.1 2130706433 0x7f000001 0177.0.0.1 127.1 [::1] [::ffff:127.0.0.1] １２７.0.0.1'.split(
      ' ',
    );
  const ownHosts = ['api.roster.example', 'a.tenants.example.'];
  const hosts = [...Object.keys(refused), ...literals, ...ownHosts];
  const results = await Promise.all(hosts.map((host) => send(`https://${host}:${port}/`)));
  const plain = await send(`http://receiver.example:${port}/`);

  expect(results.map((result) => 'error' in result && result.error)).toEqual(
    hosts.map(() => 'address_refused'),
  );
  expect(plain).toMatchObject({ error: 'address_refused' });
  const missing = [...Object.keys(unknown), 'missing.example', 'localhost'];
  for (const host of missing)
    expect(await send(`https://${host}:${port}/`)).toMatchObject({ error: 'name' });
  const down = createSender({
    ...options,
    lookUpAddresses: createAddressLookup('127.0.0.1:1'),
  });
  expect(await send(receiver.url, down)).toMatchObject({ error: 'name' });
  expect(receiver.countConnections()).toBe(connections);
});

it('connects to the checked address if the next answer of the DNS is another [W28]', async () => {
  const other = await startReceiver(undefined, { address: '127.0.0.2' });
  let count = 0;
  const rebinding = await startAddressDns((_name, type) => {
    if (type === 'a') count++;
    return { a: [count > 1 ? '127.0.0.2' : loopback] };
  });
  const lookUpAddresses = createAddressLookup(rebinding);
  const rebound = createSender({ ...options, lookUpAddresses });
  const [first, second] = [await send(receiver.url, rebound), await send(other.url, rebound)];

  expect(first).toMatchObject({ status: 204 });
  expect(second).toMatchObject({ error: 'address_refused' });
  expect([count, other.countConnections()]).toEqual([2, 0]);
});

it('accepts aliases, names with a trailing dot and several addresses [W28]', async () => {
  zone.set('receiver.example', { cname: 'target.example', a: [loopback], aaaa: ['2606:4700::1'] });
  const results = [await send(receiver.url), await send(`https://RECEIVER.example.:${port}/`)];
  zone.set('receiver.example', { a: [loopback] });
  expect(results).toMatchObject([{ status: 204 }, { status: 204 }]);
});

it('follows no redirect and reads at most 16 KB of a response [W22]', async () => {
  const target = await startReceiver(undefined, { secure: false });
  const redirecting: RequestListener = (_request, response) =>
    void response.writeHead(301, { location: `http://127.0.0.1:${target.port}/` }).end();
  // The response never ends.
  const flooding: RequestListener = (_request, response) =>
    void response.writeHead(200, { 'retry-after': '7' }).write(Buffer.alloc(20 * 1024 * 1024));
  const results = [];
  for (const behavior of [redirecting, flooding])
    results.push(await send((await startReceiver(behavior)).url));

  expect(results).toMatchObject([{ status: 301 }, { status: 200, retryAfter: '7' }]);
  expect(target.countConnections()).toBe(0);
});

it('reports why no response arrived [W22]', async () => {
  const sendTo = async (respond: RequestListener, by = sender) =>
    send((await startReceiver(respond)).url, by);
  const timeouts = { connectMs: 3000, requestMs: 200 };
  const impatient = createSender({ ...options, timeouts });
  zone.set('other.example', { a: [loopback] });
  const plain = await startReceiver(undefined, { secure: false });
  const results = {
    hanging: sendTo(() => {}, impatient),
    dripping: sendTo((_, response) => void response.writeHead(200).write('drip'), impatient),
    closing: sendTo((request) => void request.socket.destroy()),
    upgrading: sendTo(
      (_, response) => void response.writeHead(101, { upgrade: 'x', connection: 'upgrade' }).end(),
    ),
    'long headers': sendTo(
      (_, response) => void response.writeHead(200, { 'x-long': 'x'.repeat(20_000) }).end(),
    ),
    'closed port': send('https://receiver.example:1/'),
    'other name': send(`https://other.example:${port}/`),
    'unknown authority': send(receiver.url, createSender({ ...options, ca: undefined })),
    'no TLS': send(`https://receiver.example:${plain.port}/`),
  };
  const errors = await Promise.all(
    Object.entries(results).map(async ([name, result]) => [name, await result] as const),
  );
  expect(Object.fromEntries(errors)).toMatchObject({
    hanging: { error: 'timeout' },
    dripping: { error: 'timeout' },
    closing: { error: 'connection' },
    upgrading: { error: 'connection' },
    'long headers': { error: 'connection' },
    'closed port': { error: 'connection' },
    'other name': { error: 'tls' },
    'unknown authority': { error: 'tls' },
    'no TLS': { error: 'tls' },
  });
});

it('sends to this machine only if local hosts are allowed', async () => {
  const local = await startReceiver(undefined, { secure: false });
  const localSender = createSender({ ...options, allowsLocalHosts: true });
  expect(await send(local.url)).toMatchObject({ error: 'address_refused' });
  expect(await send(local.url, localSender)).toMatchObject({ status: 204 });
  expect(await send(`http://10.0.0.1:${local.port}/`, localSender)).toMatchObject({
    error: 'address_refused',
  });
  expect(local.requests).toHaveLength(1);
});
