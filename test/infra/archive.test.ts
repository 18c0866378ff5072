/** The fake of S3, and the client that functions use. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startFakeAws } from '../../infra/local/fakes/fake-aws.ts';
import { createS3Archive } from '../../lib/aws/s3-archive.ts';
import {
  always,
  createFaultProxy,
  dropRequest,
  dropResponse,
  failAtProxy,
  type Fault,
  faultsInOrder,
} from '../support/faults/fault-proxy.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const config = {
  region: 'local',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local', sessionToken: 'token' },
};
const key = 'events/2489e9ad-2ee2-8e00-8ec9-32d5f69181c0/000000000001-000000000002.ndjson';
const folder = createTemporaryFolder();
const aws = await startFakeAws({ archiveFolder: folder });
afterAll(aws.close);

test('stores an object once, also in a file that survives a restart', async () => {
  const archive = createS3Archive(`${aws.endpoint}/archive`, config);
  expect(await archive.put(key, 'Grüße\n')).toBe('stored');
  expect(await archive.put(key, 'other')).toBe('exists');
  expect(aws.archive.objects).toEqual(new Map([[key, 'Grüße\n']]));
  expect(readFileSync(join(folder, key), 'utf8')).toBe('Grüße\n');
  const again = await startFakeAws({ archiveFolder: folder });
  const restarted = createS3Archive(`${again.endpoint}/archive`, config);
  expect(await restarted.put(key, 'other')).toBe('exists');
  await again.close();
});

interface Change {
  readonly method?: string;
  readonly name?: string;
  readonly headers?: Record<string, string>;
}

test.each<[string, Change, number]>([
  ['another method', { method: 'POST' }, 405],
  ['a key outside of the folder', { name: '%2e%2e%2fa' }, 405],
  ['an unsigned request', { headers: { authorization: '' } }, 403],
  ['another body than the signed one', { headers: { 'x-amz-content-sha256': 'a' } }, 403],
  ['a missing checksum', { headers: { 'x-amz-checksum-sha256': '' } }, 400],
  ['a missing condition', { headers: { 'if-none-match': '' } }, 403],
])('rejects %s', async (_, { method = 'PUT', name = 'a', headers = {} }, status) => {
  const complete = {
    authorization: 'AWS4-HMAC-SHA256 Credential=a',
    'x-amz-content-sha256': hash('sha256', 'body'),
    'x-amz-checksum-sha256': hash('sha256', 'body', 'base64'),
    'if-none-match': '*',
  };
  const response = await fetch(`${aws.endpoint}/archive/${name}`, {
    method,
    headers: { ...complete, ...headers },
    body: 'body',
  });
  expect([response.status, aws.archive.objects.has('a')]).toEqual([status, false]);
});

const answerWith =
  (status: number): Fault =>
  ({ answer }) =>
    answer({ status, body: Buffer.from('<Error/>') });

test.each<[string, Fault, string]>([
  ['is lost', dropRequest, 'stored'],
  ['loses its response', dropResponse, 'exists'],
  ['fails at a proxy', failAtProxy, 'stored'],
  ['is throttled', answerWith(503), 'stored'],
  ['conflicts with another write of the key', answerWith(409), 'stored'],
])('the client repeats a request that %s', async (name, fault, outcome) => {
  const proxy = await createFaultProxy(aws.endpoint);
  const repeated = `events/${name.replaceAll(' ', '-')}`;
  const path = `/archive/${repeated}`;
  const archive = createS3Archive(`${proxy.endpoint}/archive`, config);
  proxy.goesWrong(faultsInOrder(path, fault));
  expect(await archive.put(repeated, 'body')).toBe(outcome);
  expect(aws.archive.objects.get(repeated)).toBe('body');
});

test('the client gives up after 3 requests', async () => {
  const proxy = await createFaultProxy(aws.endpoint);
  const archive = createS3Archive(`${proxy.endpoint}/archive`, config);
  proxy.goesWrong(always(dropRequest));
  await expect(archive.put('lost', 'body')).rejects.toMatchObject({ code: 'unavailable' });
  expect(proxy.sent).toHaveLength(3);
});

test('the client does not repeat a denied request', async () => {
  const proxy = await createFaultProxy(aws.endpoint);
  const archive = createS3Archive(`${proxy.endpoint}/archive`, config);
  proxy.goesWrong(faultsInOrder('/archive/denied', answerWith(403)));
  await expect(archive.put('denied', 'body')).rejects.toMatchObject({ code: 'unavailable' });
  expect(proxy.sent).toHaveLength(1);
});
