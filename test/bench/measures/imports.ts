/** Users per second of imports, compared with single creates. */
import { randomUUID } from 'node:crypto';
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { type Stage, tenantId } from '../support/stage.ts';

export interface Imports {
  /** Users per second of single requests, 16 at a time. */
  readonly singleRate: number;
  /** Users per second of requests with 100 rows, one at a time. */
  readonly bulkRate: number;
}

const rowsPerRequest = 100;

/** Creates users with single requests, then with imports. */
export async function measureImports(
  { roster, issuer }: Stage,
  { requests, log }: { readonly requests: number; readonly log: (line: string) => void },
): Promise<Imports> {
  const users = roster.users(tenantId);
  const token = createIssuer(issuer).mintAccessToken({ sub: 'admin', tenantId, roles: ['admin'] });
  const buildUser = () => ({ email: `${randomUUID()}@example.com`, sendInvitation: false });
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
  const create = () => post(users, buildUser());
  const importUsers = () =>
    post(`${users}/bulk`, { users: Array.from({ length: rowsPerRequest }, buildUser) });
  // Loads both functions.
  await create();
  await importUsers();
  const count = requests * rowsPerRequest;
  const singleRate = await measureRate(count, async () => {
    let remaining = count;
    const work = async () => {
      while (remaining-- > 0) await create();
    };
    await Promise.all(Array.from({ length: 16 }, work));
  });
  const bulkRate = await measureRate(count, async () => {
    for (let request = 0; request < requests; request++) await importUsers();
  });
  log(`imports: ${bulkRate.toFixed(0)} users/s, single creates ${singleRate.toFixed(0)}/s`);
  return { singleRate, bulkRate };
}

async function measureRate(count: number, work: () => Promise<void>): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  return (count * 1000) / (performance.now() - startedAtMs);
}
