/** Users per second of imports, and their CPU time with passwords, compared with single creates. */
import { randomUUID } from 'node:crypto';
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { processorTime } from '../support/processes.ts';
import { type Stage, type Target, tenantId } from '../support/stage.ts';

export interface Imports {
  /** Users per second of single requests, 16 at a time. */
  readonly singleRate: number;
  /** Users per second of requests with 100 rows, one at a time. */
  readonly bulkRate: number;
  /**
   * CPU time in ms per user with a password, of single requests and of requests with 100 rows.
   * Undefined if the system does not report it.
   */
  readonly singlePasswordMs: number | undefined;
  readonly bulkPasswordMs: number | undefined;
}

const password = 'tangled-orchard-7-lamps';

const rowsPerRequest = 100;

/** Creates users with single requests, then with imports. */
export async function measureImports(
  { roster, issuer }: Stage,
  { requests, log }: { readonly requests: number; readonly log: (line: string) => void },
): Promise<Imports> {
  const users = roster.users(tenantId);
  const token = createIssuer(issuer).mintAccessToken({ sub: 'admin', tenantId, roles: ['admin'] });
  const buildUser = (fields: object) => ({
    email: `${randomUUID()}@example.com`,
    sendInvitation: false,
    ...fields,
  });
  const post = async (url: string, body: object): Promise<void> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok || text.includes('"failed":1'))
      throw new Error(`${url} answered ${response.status}: ${text.slice(0, 500)}`);
  };
  const createUsers = async (count: number, fields: object = {}) => {
    let remaining = count;
    const work = async () => {
      while (remaining-- > 0) await post(users, buildUser(fields));
    };
    await Promise.all(Array.from({ length: 16 }, work));
  };
  const importUsers = async (count: number, fields: object = {}) => {
    for (let imported = 0; imported < count; imported += rowsPerRequest)
      await post(`${users}/bulk`, {
        users: Array.from({ length: rowsPerRequest }, () => buildUser(fields)),
      });
  };
  // Loads both functions.
  await createUsers(1);
  await importUsers(rowsPerRequest);
  const count = requests * rowsPerRequest;
  const singleRate = await measureRate(count, () => createUsers(count));
  const bulkRate = await measureRate(count, () => importUsers(count));
  const measurePasswords = (work: typeof createUsers) =>
    measureProcessorMs(roster, rowsPerRequest, () => work(rowsPerRequest, { password }));
  const singlePasswordMs = await measurePasswords(createUsers);
  const bulkPasswordMs = await measurePasswords(importUsers);
  log(`imports: ${bulkRate.toFixed(0)} users/s, single creates ${singleRate.toFixed(0)}/s`);
  return { singleRate, bulkRate, singlePasswordMs, bulkPasswordMs };
}

/** CPU time per user. Undefined if the system does not report it. */
async function measureProcessorMs(
  { process }: Target,
  count: number,
  work: () => Promise<void>,
): Promise<number | undefined> {
  const before = processorTime(process);
  await work();
  const after = processorTime(process);
  return before === undefined || after === undefined
    ? undefined
    : ((after - before) * 1000) / count;
}

async function measureRate(count: number, work: () => Promise<void>): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  return (count * 1000) / (performance.now() - startedAtMs);
}
