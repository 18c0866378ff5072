/** A bulk request has the same effect as single requests, one after another. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { scaleRuns } from '../support/property-runs.ts';
import { importRows, listOutcomes } from '../support/scenarios/bulk-users.ts';
import { adminToken, createTestService, type TestResponse } from '../support/service.ts';

const service = await createTestService();
const tokens = { bulk: adminToken('acme'), single: adminToken('globex') };

const email = fc.constantFrom('a', 'A', 'b', 'c', 'd').map((name) => `${name}@x.example`);
const row = fc.record(
  {
    email: fc.oneof({ weight: 9, arbitrary: email }, fc.constant('nothing')),
    userName: fc.oneof(fc.constantFrom('one', 'two', null), email),
    externalId: fc.constantFrom('1', '2', '3', null),
    name: fc.constantFrom('Jo', 'Kim', null),
    roleIds: fc.constantFrom([], ['cradl:role:user'], ['cradl:role:nothing']),
  },
  { requiredKeys: ['email'] },
);
type Row = typeof row extends fc.Arbitrary<infer Value> ? Value : never;

const requests = fc.array(
  fc.record({
    onExisting: fc.constantFrom('fail', 'skip', 'update', 'update'),
    rows: fc.array(row, { minLength: 1, maxLength: 8 }),
  }),
  { minLength: 2, maxLength: 2 },
);

let runs = 0;

/** Makes the identifiers of a run unique. */
const prefixRow = (values: Row, prefix: string): object =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' && name !== 'name' ? `${prefix}${value}` : value,
    ]),
  );

const token = { token: tokens.single };

const describeError = ({ body }: TestResponse): string =>
  [body.code, ...(body.details.field ? [body.details.field] : [])].join(' ');

/** Sends the single request of a row. */
async function sendSingle(fields: Record<string, unknown>, onExisting: string): Promise<string> {
  const { email: address, externalId } = fields;
  const filter = externalId == null ? { email: address } : { externalId };
  const found =
    onExisting === 'fail' || !String(address).includes('@')
      ? undefined
      : (await service.get(`/v1/users?${String(new URLSearchParams(filter as never))}`, token)).body
          .users[0];
  if (!found) {
    const answer = await service.post('/v1/users', { ...fields, sendInvitation: false }, token);
    return answer.status === 201 ? 'created' : describeError(answer);
  }
  if (onExisting === 'skip') return 'skipped';
  const answer = await service.send('PATCH', `/v1/users/${found.userId}`, {
    ...token,
    headers: { 'if-match': '*' },
    body: fields,
  });
  if (answer.status !== 200) return describeError(answer);
  return answer.body.version === found.version ? 'unchanged' : 'updated';
}

type UserBody = Readonly<
  Record<'email' | 'userName' | 'externalId' | 'name' | 'roleIds' | 'status' | 'version', unknown>
>;

const listUsers = async (prefix: string, caller: string) => {
  const target = `/v1/users?emailPrefix=${prefix}&maxResults=100`;
  const { body } = await service.get(target, { token: caller });
  return body.users.map(
    ({ email: address, userName, externalId, name, roleIds, status, version }: UserBody) => [
      address,
      userName,
      externalId,
      name,
      roleIds,
      status,
      version,
    ],
  );
};

it('equals single requests one after another, and its dry run the outcomes', async () => {
  await fc.assert(
    fc.asyncProperty(requests, async (sent) => {
      const prefix = `r${++runs}-`;
      for (const { onExisting, rows } of sent) {
        const users = rows.map((values) => prefixRow(values, prefix));
        const caller = { token: tokens.bulk };
        const dryRun = await importRows(service, users, { onExisting, dryRun: true }, caller);
        const { body } = await importRows(service, users, { onExisting }, caller);
        const outcomes: string[] = [];
        for (const fields of users)
          outcomes.push(await sendSingle(fields as Record<string, unknown>, onExisting));
        expect(listOutcomes(body)).toEqual(outcomes);
        expect(listOutcomes(dryRun.body)).toEqual(outcomes);
      }
      expect(await listUsers(prefix, tokens.bulk)).toEqual(await listUsers(prefix, tokens.single));
    }),
    { numRuns: scaleRuns(4) },
  );
});
