/**
 * CPU time of requests of a SCIM connection, compared with a native create of
 * an app client, which authenticates in the same way.
 */
import { randomUUID } from 'node:crypto';
import { processorTime } from '../../support/processes.ts';
import { type Stage, tenantId } from '../../support/stage.ts';
import { median, type Quartiles, quartiles } from '../../support/statistics.ts';
import { assertStatus, connect, type ScimResponse } from './connect.ts';

const concurrency = 16;
const coreUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

export interface ScimCost {
  readonly name: string;
  /** CPU time of the server per request in ms. Undefined if the system does not report it. */
  readonly processorMs: number | undefined;
  /** Multiples of the native create in the same round. Undefined for the create itself. */
  readonly timesCreate?: Quartiles | undefined;
}

interface Operation {
  readonly name: string;
  readonly status: number;
  /** Share of the requests of a slice. Default: 1. */
  readonly share?: number;
  readonly send: (index: number, round: number) => Promise<ScimResponse>;
}

/** Measures each operation in turns with the others. */
export async function measureScimOperations(
  stage: Stage,
  { rounds, requests, log }: { rounds: number; requests: number; log: (line: string) => void },
): Promise<ScimCost[]> {
  const { send, sendNative, sendWithKey } = await connect(stage, tenantId);
  const people: { readonly id: string; readonly userName: string }[] = [];
  const patch = (index: number, operation: object) =>
    send('PATCH', `/Users/${people[index]?.id}`, { schemas: [patchUrn], Operations: [operation] });
  const create = async () => {
    const response = await send('POST', '/Users', buildUser());
    if (people.length < requests) people.push(JSON.parse(response.text) as (typeof people)[number]);
    return response;
  };
  const operations: readonly Operation[] = [
    {
      name: 'native create, API key',
      status: 201,
      send: () => sendWithKey('POST', '/v1/users', buildNativeUser()),
    },
    {
      name: 'native create, token of a user',
      status: 201,
      send: () => sendNative('POST', '/v1/users', buildNativeUser()),
    },
    { name: 'create', status: 201, send: create },
    {
      name: 'look-up by `userName`',
      status: 200,
      send: (index) => {
        const filter = `userName eq "${people[index]?.userName}"`;
        return send('GET', `/Users?filter=${encodeURIComponent(filter)}&startIndex=1&count=100`);
      },
    },
    {
      name: 'PATCH of `active`',
      status: 200,
      send: (index, round) => patch(index, { op: 'replace', value: { active: round % 2 === 1 } }),
    },
    {
      name: 'PATCH of one attribute',
      status: 200,
      send: (index, round) => patch(index, { op: 'replace', path: 'title', value: `T${round}` }),
    },
    {
      name: 'page of 100',
      status: 200,
      share: 0.1,
      send: () => send('GET', '/Users?startIndex=1&count=100'),
    },
  ];
  const run = async ({ send: sendOne, share = 1, status }: Operation, round: number) => {
    const count = Math.round(requests * share);
    let next = 0;
    const work = async () => {
      while (next < count) assertStatus(await sendOne(next++, round), status);
    };
    const before = processorTime(stage.roster.process) ?? NaN;
    await Promise.all(Array.from({ length: concurrency }, work));
    const after = processorTime(stage.roster.process) ?? NaN;
    return ((after - before) * 1000) / count;
  };
  // Loads the function, and creates the users.
  for (const operation of operations) await run(operation, 0);
  const times = operations.map((): number[] => []);
  for (let round = 1; round <= rounds; round++)
    for (const [index, operation] of operations.entries())
      times[index]?.push(await run(operation, round));
  const [native = []] = times;
  const costs = operations.map(({ name }, index): ScimCost => {
    const measured = times[index] ?? [];
    const processorMs = median(measured);
    if (Number.isNaN(processorMs)) return { name, processorMs: undefined };
    const ratios = measured.map((time, round) => time / (native[round] ?? NaN));
    return { name, processorMs, ...(index > 0 && { timesCreate: quartiles(ratios) }) };
  });
  log(
    `SCIM: ${costs.map(({ name, processorMs }) => `${name} ${processorMs?.toFixed(2)} ms`).join(', ')}`,
  );
  return costs;
}

/** User as Okta sends it, without the placeholder of a password. */
function buildUser() {
  const userName = `${randomUUID()}@example.com`;
  return {
    schemas: [coreUrn],
    userName,
    name: { givenName: 'Ada', familyName: 'Lovelace' },
    emails: [{ primary: true, value: userName, type: 'work' }],
    displayName: 'Ada Lovelace',
    locale: 'en-US',
    externalId: randomUUID(),
    groups: [],
    active: true,
  };
}

/** The same user in the native format, with a role. */
function buildNativeUser() {
  const email = `${randomUUID()}@example.com`;
  return {
    email,
    userName: email,
    firstName: 'Ada',
    lastName: 'Lovelace',
    name: 'Ada Lovelace',
    locale: 'en-US',
    externalId: randomUUID(),
    authProvider: 'saml',
    roleIds: ['cradl:role:user'],
  };
}
