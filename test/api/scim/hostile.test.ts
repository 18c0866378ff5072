import { expect, it } from 'vitest';
import { parseUserId } from '../../../lib/domain/kernel/ids.ts';
import { createScimClient } from '../../support/scim/scim-client.ts';
import { createTestService, issuer } from '../../support/service.ts';

const service = await createTestService();
const client = await createScimClient(service);

const createUser = async (userName: string, attributes: object = {}) => {
  const { status, body } = await client.send('POST', '/Users', {
    body: { userName, ...attributes },
  });
  expect(status).toBe(201);
  return body;
};

const patch = (id: string, ...operations: readonly object[]) =>
  client.send('PATCH', `/Users/${id}`, { body: { Operations: operations } });

it('rejects lone surrogates in filters and paths', async () => {
  const { id } = await createUser('surrogate', {
    emails: [{ value: 'a@x.example', type: 'work' }],
  });
  for (const name of ['id', 'userName', 'externalId', 'emails', 'groups.value']) {
    const filter = encodeURIComponent(`${name} eq "\\ud800"`);
    const { status, body } = await client.send('GET', `/Users?filter=${filter}`);
    expect([name, status, body.scimType]).toEqual([name, 400, 'invalidFilter']);
  }
  const path = 'emails[type eq "\\ud800"].value';
  const { status, body } = await patch(id, { op: 'add', path, value: 'b@x.example' });
  expect([status, body.scimType]).toEqual([400, 'invalidPath']);
});

// Each of these took seconds of CPU time.
it('bounds the work for a request', async () => {
  const { id } = await createUser('work');
  const certificate = { value: `${'\n'.repeat(300_000)}!` };
  const phoneNumbers = Array.from({ length: 100 }, (_, index) => ({ value: `${index}` }));
  const terms = Array.from({ length: 64 }, (_, index) => `value eq a${index}`).join(' or ');
  const remove = { op: 'remove', path: `phoneNumbers[${terms}]` };
  const many = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`a${index}`, 1]));
  const answers = [
    await patch(id, { op: 'add', path: 'x509Certificates', value: [certificate] }),
    await patch(
      id,
      { op: 'add', value: { phoneNumbers } },
      ...Array.from({ length: 500 }, () => remove),
    ),
    await patch(id, { op: 'add', value: many }),
    await client.send('PUT', `/Users/${id}`, { body: { userName: 'work', ...many } }),
    await client.send('POST', '/Users/.search', {
      body: { attributes: Array.from({ length: 1000 }, () => 'userName') },
    }),
  ];

  expect(answers.map(({ body }) => [body.scimType, body.detail])).toEqual([
    ['invalidValue', 'Operation 1: x509Certificates.0.value must be base64'],
    ['invalidValue', 'Operations must compare at most 20000 values'],
    ['invalidValue', 'Operation 1: value must have at most 1000 attributes'],
    ['invalidValue', 'The request body must have at most 1000 attributes'],
    ['invalidValue', 'attributes must have at most 8192 bytes'],
  ]);
});

it('hides a manager whom the connection cannot read', async () => {
  const { id: managerId } = await createUser('boss', { displayName: 'The Boss' });
  const other = await client.connect({ name: 'Other' });
  const urn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
  const body = { userName: 'report', [urn]: { manager: { value: managerId } } };
  const created = await other.send('POST', '/Users', { body });
  expect(created.body[urn]).toEqual({ manager: { value: managerId } });
});

it('protects the own account of a caller without a connection', async () => {
  const fields = { email: 'me@x.example', roleIds: ['cradl:role:admin'], authProvider: 'oidc' };
  const sent = { token: client.adminToken };
  const { userId } = (await service.post('/v1/users', fields, sent)).body;
  const { tenantId } = client;
  const token = issuer.mintAccessToken({ sub: userId, tenantId, roles: ['admin'] });
  const path = `/scim/v2/Users/${parseUserId(userId)}`;
  const rename = { Operations: [{ op: 'replace', path: 'userName', value: 'me' }] };
  const answers = [
    await service.send('PATCH', path, { token, body: rename }),
    await service.send('DELETE', path, { token }),
  ];
  for (const { status, body } of answers)
    expect([status, body.detail]).toEqual([403, 'Use /Me to change your own account']);
});

it('rejects invisible characters in group names, and repeated members in another case', async () => {
  for (const displayName of ['a\u0000b', 'a\u202eb', '\n']) {
    const { status, body } = await client.send('POST', '/Groups', { body: { displayName } });
    expect([status, body.scimType]).toEqual([400, 'invalidValue']);
  }
  const { id } = await createUser('member');
  const members = [{ value: id }, { value: id.toUpperCase() }];
  const body = { displayName: 'Twice', members };
  const created = await client.send('POST', '/Groups', { body });
  expect(created.body.members.map(({ value }: { value: string }) => value)).toEqual([id]);
});

it('cuts pages of large users below the limit of a response', async () => {
  const large = await createScimClient(service);
  const nickName = 'x'.repeat(65_000);
  for (let index = 0; index < 70; index += 1)
    await large.send('POST', '/Users', { body: { userName: `large-${index}`, nickName } });

  const read = async (query: string) => (await large.send('GET', `/Users?${query}`)).body;
  const first = await read('count=200');
  const second = await read(`count=200&startIndex=${first.itemsPerPage + 1}`);
  const filtered = await read('filter=nickName%20pr');
  const start = await read('filter=nickName%20pr&cursor');
  const rest = await read(`filter=nickName%20pr&cursor=${start.nextCursor}`);

  expect([first.totalResults, first.itemsPerPage, second.itemsPerPage]).toEqual([70, 65, 5]);
  expect(filtered.scimType).toBe('tooMany');
  expect([start.itemsPerPage, rest.itemsPerPage, rest.nextCursor]).toEqual([65, 5, undefined]);
});

it('invites a pending user again whose email changes', async () => {
  const local = await client.connect({ name: 'Local', authProvider: 'local' });
  const emails = [{ value: 'before@x.example' }];
  const { body } = await local.send('POST', '/Users', { body: { userName: 'invited', emails } });
  await service.deliverPendingMail();
  const change = { op: 'replace', path: 'emails', value: [{ value: 'after@x.example' }] };
  await local.send('PATCH', `/Users/${body.id}`, { body: { Operations: [change] } });
  const mails = await service.deliverPendingMail();
  expect(mails.filter(({ to }) => to.includes('after@x.example'))).toHaveLength(1);
});

it('changes no other user if the password is rejected', async () => {
  const settings = { name: 'Passwords', authProvider: 'local', changePassword: true };
  const local = await client.connect(settings);
  const emails = [{ value: 'leaver@x.example' }];
  const leaver = { userName: 'leaver', active: false, emails };
  const { body: inactive } = await local.send('POST', '/Users', { body: leaver });
  const { body: active } = await local.send('POST', '/Users', { body: { userName: 'joiner' } });
  const change = { op: 'replace', value: { emails, password: 'short' } };
  const answers = [
    await local.send('POST', '/Users', { body: { userName: 'next', emails, password: 'short' } }),
    await local.send('PATCH', `/Users/${active.id}`, { body: { Operations: [change] } }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([400, 400]);
  const { body } = await local.send('GET', `/Users/${inactive.id}`);
  expect(body.meta).toEqual(inactive.meta);
});

it('logs no secret, wherever it was sent', async () => {
  const { id } = await createUser('secret');
  const secret = 'tangled-orchard-7-lamps';
  await patch(id, { op: 'replace', value: JSON.stringify({ password: secret }) });
  await patch(id, { op: 'replace', path: `password[value eq "${secret}"]`, value: 'x' });
  await patch(id, { op: 'replace', Path: 'nickName', path: 'password', value: secret });
  await client.send('POST', '/Users/.search', { body: { filter: `password eq "${secret}"` } });
  const path = `/v1/scim/connections/${client.connectionId}/log`;
  const { text } = await service.get(path, { token: client.adminToken });
  expect(text).toContain('Path');
  expect(text).not.toContain(secret);
});
