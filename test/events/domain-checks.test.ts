import { expect, it } from 'vitest';
import { keys } from '../../lib/store/keys.ts';
import { getLogs } from '../support/logs.ts';
import { createDomainService } from '../support/scenarios/domains.ts';
import { day } from '../support/scenarios/user-states.ts';
import { tenantId } from '../support/service.ts';

const lookUps: string[] = [];
let duringLookUp: (() => Promise<unknown>) | undefined;
const {
  service,
  clock,
  admin,
  createDomain,
  createVerifiedDomain,
  deleteDomain,
  listChangeRecords,
  readClaim,
  readDomain,
  verifyDomain,
} = await createDomainService({
  lookUpTxt: async (name) => {
    lookUps.push(name);
    await duringLookUp?.();
    return [service.dnsRecords.get(name) ?? []];
  },
});

/** Runs the daily checks and returns the looked-up domains and the log lines. */
async function check() {
  lookUps.length = 0;
  const from = getLogs.length;
  await service.on.domainChecks();
  const logs = getLogs.slice(from).map((line) => JSON.parse(line));
  return { names: lookUps.toSorted(), logs };
}
const removeRecord = (domain: string) => service.dnsRecords.delete(`_roster.${domain}`);

it('looks up a verified domain once a week', async () => {
  await createVerifiedDomain('weekly.example');
  await createDomain('pending.example');
  for (let week = 0; week < 2; week++) {
    clock.advanceBy(6 * day);
    expect((await check()).names).toEqual([]);
    clock.advanceBy(day);
    expect(await check()).toEqual({ names: ['_roster.weekly.example'], logs: [] });
    expect((await check()).names).toEqual([]);
  }
});

it('ends the verification after 3 failed look-ups in a row, a day apart', async () => {
  const { body } = await createVerifiedDomain('lost.example');
  removeRecord('lost.example');
  clock.advanceBy(7 * day);
  for (const outcome of ['record_missing', 'record_missing', 'lost']) {
    expect((await readDomain(body.domainId)).body).toEqual(body);
    const { logs } = await check();
    expect(
      logs.filter(({ subject }) => body.domainId.endsWith(subject.replaceAll('-', ''))),
    ).toEqual([
      expect.objectContaining({ operation: 'checkDomain', outcome, tenant: tenantId.acme }),
    ]);
    // A repeated event does not count twice.
    expect((await check()).names).not.toContain('_roster.lost.example');
    clock.advanceBy(day);
  }
  expect(await readClaim('lost.example')).toBeUndefined();
  expect((await readDomain(body.domainId)).body).toMatchObject({
    verified: false,
    verifiedTime: null,
    dnsValue: body.dnsValue,
    updatedBy: 'domain-check',
  });
  expect((await listChangeRecords(body.domainId)).at(-1)).toMatchObject({
    version: 3,
    action: 'lose',
    by: 'domain-check',
    before: JSON.stringify({ verifiedAt: body.verifiedTime }),
  });
  // Another tenant can verify the domain, and so could the first one.
  expect((await createVerifiedDomain('lost.example', 'globex')).status).toBe(200);
  expect((await verifyDomain(body.domainId)).body.details.reason).toBe('value_mismatch');
});

it('looks up a missing record in every daily run, although a run takes some time', async () => {
  const { body } = await createVerifiedDomain('slow.example');
  removeRecord('slow.example');
  clock.advanceBy(7 * day);
  duringLookUp = async () => clock.advanceBy(5000);
  for (let run = 0; run < 3; run++) {
    const startMs = clock.now().getTime();
    expect((await check()).names).toContain('_roster.slow.example');
    clock.advanceBy(startMs + day - clock.now().getTime());
  }
  duringLookUp = undefined;
  expect((await readDomain(body.domainId)).body.verified).toBe(false);
});

it('counts only failed look-ups in a row', async () => {
  const { body } = await createVerifiedDomain('flaky.example');
  const record = service.dnsRecords.get('_roster.flaky.example') ?? [];
  clock.advanceBy(7 * day);
  for (const answer of [[], ['other'], record, [], [], record] as const) {
    service.dnsRecords.set('_roster.flaky.example', answer);
    await check();
    clock.advanceBy(answer === record ? 7 * day : day);
  }
  expect((await readDomain(body.domainId)).body.verified).toBe(true);
});

it('ignores look-ups without an answer, and repeats them', async () => {
  const { body } = await createVerifiedDomain('silent.example');
  removeRecord('silent.example');
  clock.advanceBy(7 * day);
  await check();
  clock.advanceBy(day);
  service.dnsRecords.set('_roster.silent.example', 'failed');
  for (let count = 0; count < 3; count++) {
    const { names, logs } = await check();
    expect(names).toContain('_roster.silent.example');
    expect(logs.map(({ outcome }) => outcome)).toContain('lookup_failed');
  }
  expect(await readClaim('silent.example')).toMatchObject({ failures: 1 });
  await deleteDomain(body.domainId);
});

it('leaves a domain that is deleted and verified again by another tenant', async () => {
  const { body } = await createVerifiedDomain('moved.example', 'north');
  clock.advanceBy(7 * day);
  // The list of due domains was read before the change.
  const claim = await readClaim('moved.example');
  await deleteDomain(body.domainId, { token: admin('north') });
  await service.stored.put({ ...claim, ...keys.domainClaim('moved.example') });
  expect((await check()).names).not.toContain('_roster.moved.example');
  expect(await readClaim('moved.example')).toEqual(claim);
});

it.each([1, 3])(
  'leaves a domain that is deleted during its failed look-up %i',
  async (failures) => {
    const { body } = await createVerifiedDomain(`during-${failures}.example`, 'north');
    removeRecord(`during-${failures}.example`);
    clock.advanceBy(7 * day);
    for (let count = 1; count < failures; count++) {
      await check();
      clock.advanceBy(day);
    }
    const token = admin('north');
    duringLookUp = () => deleteDomain(body.domainId, { token });
    const { names } = await check();
    duringLookUp = undefined;
    expect(names).toContain(`_roster.during-${failures}.example`);
    expect(await readClaim(`during-${failures}.example`)).toBeUndefined();
    expect((await readDomain(body.domainId, { token })).status).toBe(404);
  },
);
