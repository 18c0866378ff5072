import { describe, expect, it } from 'vitest';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { createDomainService } from '../../support/scenarios/domains.ts';
import { tenantId } from '../../support/service.ts';

const {
  service,
  admin,
  clock,
  createDomain,
  createVerifiedDomain,
  verifyDomain,
  publishRecord,
  readDomain,
  listDomains,
  deleteDomain,
  readClaim,
  listChangeRecords,
} = await createDomainService();
const missing = {
  status: 404,
  body: { code: 'not_found', message: 'The domain does not exist in this tenant' },
};
const jitsudo = { token: admin(), headers: { 'x-tenant-id': tenantId.acme } };

describe('adding a domain', () => {
  it('returns the DNS record to publish', async () => {
    const created = await createDomain('acme.example');
    const { domainId, verificationToken } = created.body;
    expect(domainId).toMatch(/^cradl:domain:[0-9a-f]{32}$/);
    expect(verificationToken).toMatch(/^[0-9a-f]{32}$/);
    expect(created).toMatchObject({
      status: 201,
      headers: { location: `/v1/domains/${domainId}` },
      body: {
        domain: 'acme.example',
        verified: false,
        verifiedTime: null,
        dnsRecord: '_roster.acme.example',
        dnsValue: `roster-verification=${verificationToken}`,
        createdBy: 'admin-of-acme',
        updatedTime: null,
        updatedBy: null,
      },
    });
    expect((await readDomain(domainId)).body).toEqual(created.body);
    expect(await listChangeRecords(domainId)).toMatchObject([
      { version: 1, action: 'create', by: 'admin-of-acme', policies: ['update-tenant'] },
    ]);
  });

  it.each([
    [' Canonical.Example. ', 'canonical.example'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['BU\u0308CHER.de', 'xn--bcher-kva.de'],
    ['mail.sub.canonical.example', 'mail.sub.canonical.example'],
    ['почта.рф', 'xn--80a1acny.xn--p1ai'],
  ])('stores %j as %s', async (text, domain) => {
    expect((await createDomain(text)).body).toMatchObject({ domain });
    expect(await expectNoWrites(service, () => createDomain(domain))).toMatchObject({
      status: 409,
      body: { code: 'domain_exists', details: { field: 'domain' } },
    });
  });

  it.each([
    '',
    'localhost',
    '192.0.2.1',
    '0x7f.1',
    '[::1]',
    'acme..example',
    '.example',
    'acme.example..',
    '-acme.example',
    'a_b.example',
    'jo@acme.example',
    'https://acme.example',
    'acme.example:53',
    '%61cme.example',
    'acme example.com',
    'acme.example#x',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(120)}example`,
  ])('rejects %j', async (text) => {
    expect(await expectNoWrites(service, () => createDomain(text))).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path: 'domain' }] } },
    });
  });

  it.each([
    ['co.uk', 'public_suffix'],
    ['GitHub.io', 'public_suffix'],
    ['xn--p1ai.рф.рф', undefined],
    ['gmail.com', 'email_provider'],
    ['Yahoo.co.uk', 'email_provider'],
  ])('checks if a tenant can own %s', async (domain, reason) => {
    const { status, body } = await createDomain(domain);
    expect([status, body.details?.reason]).toEqual(
      reason === undefined ? [201, undefined] : [422, reason],
    );
  });

  it('accepts 50 domains', async () => {
    const token = admin('globex');
    const addNext = (index: number) => createDomain(`limit-${index}.example`, { token });
    const created = await Promise.all(Array.from({ length: 52 }, (_, index) => addNext(index)));
    const refused = created.filter(({ status }) => status !== 201);
    expect(refused).toMatchObject([
      { status: 409, body: { code: 'domain_limit_reached' } },
      { status: 409, body: { code: 'domain_limit_reached' } },
    ]);
    const [first] = created.filter(({ status }) => status === 201);
    const again = await createDomain(first?.body.domain, { token });
    expect(again.body.code).toBe('domain_exists');
    await deleteDomain(first?.body.domainId, { token });
    expect((await addNext(99)).status).toBe(201);
    expect((await addNext(100)).status).toBe(409);
  });
});

describe('verifying a domain', () => {
  it('needs the value at the record', async () => {
    const created = await createDomain('verified.example');
    const { domainId, dnsRecord, dnsValue } = created.body;
    const verify = () => verifyDomain(domainId);
    for (const [answer, reason] of [
      [[], 'record_missing'],
      [['v=spf1 -all', `${dnsValue}0`], 'value_mismatch'],
      ['failed', 'lookup_failed'],
    ] as const) {
      service.dnsRecords.set(dnsRecord, answer);
      expect(await expectNoWrites(service, verify)).toMatchObject({
        status: 409,
        body: { code: 'domain_unverified', details: { reason, dnsRecord, dnsValue } },
      });
    }
    publishRecord(created);
    const verified = await verify();
    const at = new Date(clock.now()).toISOString();
    expect(verified).toMatchObject({
      status: 200,
      body: {
        ...created.body,
        verified: true,
        verifiedTime: at,
        updatedTime: at,
        updatedBy: 'admin-of-acme',
      },
    });
    expect((await readDomain(domainId)).body).toEqual(verified.body);
    expect(await listChangeRecords(domainId)).toMatchObject([
      { action: 'create' },
      { version: 2, action: 'verify', before: '{"verifiedAt":null}' },
    ]);
  });

  it('returns a verified domain without a look-up', async () => {
    const verified = await createVerifiedDomain('twice.example');
    service.dnsRecords.set('_roster.twice.example', 'failed');
    expect(await expectNoWrites(service, () => verifyDomain(verified.body.domainId))).toMatchObject(
      { status: 200, body: verified.body },
    );
  });

  it('gives a domain to the first tenant that verifies it', async () => {
    const pending = await createDomain('shared.example', { token: admin('south') });
    expect((await createVerifiedDomain('shared.example')).status).toBe(200);
    publishRecord(pending);
    const verify = () => verifyDomain(pending.body.domainId, { token: admin('south') });
    expect(await expectNoWrites(service, verify)).toMatchObject({
      status: 409,
      body: { code: 'domain_taken', details: { field: 'domain' } },
    });
    expect(await readClaim('shared.example')).toMatchObject({ tenantId: tenantId.acme });
  });

  it('needs the answer of every resolver', async () => {
    let answers: readonly (readonly string[] | 'failed')[] = [];
    const other = await createDomainService({ lookUpTxt: async () => answers });
    const { domainId, dnsValue } = (await other.createDomain('two.example')).body;
    for (const [second, reason] of [
      [[], 'record_missing'],
      [['other'], 'value_mismatch'],
      ['failed', 'lookup_failed'],
    ] as const) {
      answers = [[dnsValue], second];
      expect((await other.verifyDomain(domainId)).body.details).toMatchObject({ reason });
    }
    answers = [[dnsValue], [dnsValue]];
    expect((await other.verifyDomain(domainId)).status).toBe(200);
  });
});

describe('deleting a domain', () => {
  it('releases the name for other tenants', async () => {
    const { domainId } = (await createVerifiedDomain('released.example')).body;
    expect((await deleteDomain(domainId)).status).toBe(204);
    expect(await readClaim('released.example')).toBeUndefined();
    for (const act of [readDomain, verifyDomain, deleteDomain])
      expect(await act(domainId)).toMatchObject(missing);
    expect((await createVerifiedDomain('released.example', 'north')).status).toBe(200);
  });

  it('leaves the claim of another tenant', async () => {
    const pending = await createDomain('kept.example', { token: admin('south') });
    await createVerifiedDomain('kept.example', 'north');
    await deleteDomain(pending.body.domainId, { token: admin('south') });
    expect(await readClaim('kept.example')).toMatchObject({ tenantId: tenantId.north });
  });

  it('records the name, and starts anew with another ID and value', async () => {
    const { domainId, dnsValue, verifiedTime } = (await createVerifiedDomain('anew.example')).body;
    await deleteDomain(domainId);
    const [, , record] = await listChangeRecords(domainId);
    expect(record).toMatchObject({
      version: 3,
      action: 'delete',
      by: 'admin-of-acme',
      before: JSON.stringify({ name: 'anew.example', verifiedAt: verifiedTime }),
    });
    const { body } = await createDomain('anew.example');
    expect(body.domainId).not.toBe(domainId);
    expect(body.dnsValue).not.toBe(dnsValue);
    // The record of the deleted domain is still published.
    expect((await verifyDomain(body.domainId)).body.details.reason).toBe('value_mismatch');
  });
});

describe('listing domains', () => {
  it('returns the domains of the tenant in the order of their names, page by page', async () => {
    const token = admin('north');
    const names = ['a.example', 'b.example', 'c.example'];
    for (const name of names.toReversed()) await createDomain(name, { token });
    const found: string[] = [];
    for (let query: string | undefined = '?maxResults=1'; query !== undefined; ) {
      const { body } = await listDomains(query, { token });
      found.push(...body.domains.map(({ domain }: { domain: string }) => domain));
      query = body.nextToken
        ? `?maxResults=1&nextToken=${encodeURIComponent(body.nextToken)}`
        : undefined;
    }
    expect(found).toEqual(found.toSorted());
    expect(found).toEqual(expect.arrayContaining(names));
  });
});

describe('JITSudo', () => {
  it('adds, lists, verifies and deletes a domain', async () => {
    const { status, headers, body } = await service.post(
      '/jitsudo/v1/domains',
      { domain: 'Jit.example' },
      jitsudo,
    );
    expect([status, headers['location']]).toEqual([201, undefined]);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      domain: 'jit.example',
      verified: false,
      verified_at: null,
      verification_token: expect.stringMatching(/^[0-9a-f]{32}$/),
      dns_record: '_roster.jit.example',
      dns_value: `roster-verification=${body.verification_token}`,
      created_at: new Date(clock.now()).toISOString(),
    });
    const verify = () =>
      service.send('POST', `/jitsudo/v1/domains/${body.id.toUpperCase()}/verify`, jitsudo);
    expect(await verify()).toMatchObject({
      status: 200,
      body: { verified: false, message: expect.stringContaining('no TXT record') },
    });
    service.dnsRecords.set(body.dns_record, [body.dns_value]);
    expect(await verify()).toMatchObject({ status: 200, body: { verified: true } });
    const { data } = (await service.get('/jitsudo/v1/domains?limit=100', jitsudo)).body;
    expect(data).toContainEqual({
      ...body,
      verified: true,
      verified_at: new Date(clock.now()).toISOString(),
    });
    const remove = () => service.send('DELETE', `/jitsudo/v1/domains/${body.id}`, jitsudo);
    expect((await remove()).status).toBe(204);
    expect(await remove()).toMatchObject(missing);
  });

  it.each(['unknown', 'cradl:domain:0123456789ab4def8123456789abcdef'])(
    'returns 404 for the ID %s',
    async (id) => {
      expect(await service.send('POST', `/jitsudo/v1/domains/${id}/verify`, jitsudo)).toMatchObject(
        missing,
      );
    },
  );

  it('returns 409 if another tenant has verified the domain', async () => {
    await createVerifiedDomain('jit-shared.example', 'north');
    const { body } = await service.post(
      '/jitsudo/v1/domains',
      { domain: 'jit-shared.example' },
      jitsudo,
    );
    service.dnsRecords.set(body.dns_record, [body.dns_value]);
    expect(
      await service.send('POST', `/jitsudo/v1/domains/${body.id}/verify`, jitsudo),
    ).toMatchObject({ status: 409, body: { code: 'domain_taken' } });
  });
});
