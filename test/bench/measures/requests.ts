/** Requests to DynamoDB and capacity units per operation, counted by a proxy to the database. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { startDatabase } from '../../../infra/local/process/database.ts';
import { buildStack } from '../../../infra/local/template/build-stack.ts';
import { readMailbox } from './mails.ts';
import {
  type CountedRequest,
  type CountingProxy,
  startCountingProxy,
} from '../support/counting-proxy.ts';
import { end, freePort } from '../support/processes.ts';
import { startLoad } from '../support/slices.ts';
import { startRoster, tenantId } from '../support/stage.ts';
import { median } from '../support/statistics.ts';
import { copyStack, listResources, type Resources } from '../support/template.ts';

/** Medians of several repetitions. */
export interface OperationCost {
  readonly name: string;
  readonly requests: number;
  readonly readUnits: number;
  /** Of the tables. */
  readonly writeUnits: number;
  readonly indexWriteUnits: number;
}

const pageLength = 100;
const idleMs = 300;

/** Measures the operations one by one. Skipped for other databases. */
export async function measureRequests(
  folder: string,
  { repetitions, log }: { repetitions: number; log: (line: string) => void },
): Promise<OperationCost[]> {
  if (process.env.AWS_ENDPOINT_URL_DYNAMODB) return [];
  const stack = await buildStack(folder, new AbortController().signal);
  const own = join(folder, 'counted');
  copyStack(stack, own, removeSchedules);
  const port = await freePort();
  const database = await startDatabase();
  const proxy = await startCountingProxy(database.endpoint);
  const roster = await startRoster(own, port, { AWS_ENDPOINT_URL_DYNAMODB: proxy.endpoint });
  const url = `http://127.0.0.1:${port}`;
  const issuer = {
    issuer: `http://localhost:${port}/_local`,
    keyFile: join(own, 'issuer-key.json'),
  };
  const load = startLoad({ issuer });
  const token = createIssuer(issuer).mintAccessToken({ sub: 'bench', tenantId, roles: ['admin'] });
  const read = async (path: string) => {
    const response = await fetch(`${url}/v1/users${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${path} returned ${response.status}: ${text}`);
  };
  const create = async (fields: object, count = 1) => {
    const { created } = await load.send(roster, tenantId, { count, concurrency: 1, ...fields });
    return created;
  };
  /** Invites a user and waits until the mail is out and its outcome is saved. */
  const invite = async (fields: object, count = 1) => {
    await fetch(`${url}/_local/mailbox`, { method: 'DELETE' });
    const created = await create(fields, count);
    if ((await readMailbox(url, count)).length < count) throw new Error('A mail is missing');
    await waitUntilIdle(proxy);
    return created;
  };

  // Loads the tenant, the keys and the roles, and fills a page.
  const [user] = await invite({}, pageLength + 1);
  const measure = (operations: Operations, act: () => Promise<unknown>) =>
    measureOperations(operations, { proxy, repetitions, act });
  const costs = [
    ...(await measure(
      {
        'create without roles': isCreate,
        'mail of an invitation': (request) => !isCreate(request),
      },
      () => invite({ withoutRoles: true }),
    )),
    ...(await measure({ 'get by id': () => true }, () => read(`/${user?.userId}`))),
    ...(await measure({ [`page of ${pageLength}`]: () => true }, () =>
      read(`?maxResults=${pageLength}`),
    )),
  ];
  await load.end();
  await end(roster.process);
  await proxy.stop();
  await database.stop();
  log(costs.map(({ name, requests }) => `${name}: ${requests} requests`).join(', '));
  return costs;
}

/** Predicates that assign the requests of an action to operations, by name. */
type Operations = Readonly<Record<string, (request: CountedRequest) => boolean>>;

async function measureOperations(
  operations: Operations,
  {
    proxy: { requests },
    repetitions,
    act,
  }: { proxy: CountingProxy; repetitions: number; act: () => Promise<unknown> },
): Promise<OperationCost[]> {
  const runs: (readonly CountedRequest[])[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const before = requests.length;
    await act();
    runs.push(requests.slice(before));
  }
  return Object.entries(operations).map(([name, belongs]) => {
    const sum = (count: (request: CountedRequest) => number) =>
      median(
        runs.map((run) => run.filter(belongs).reduce((total, each) => total + count(each), 0)),
      );
    return {
      name,
      requests: sum(() => 1),
      readUnits: sum(({ operation, units }) => (isRead(operation) ? units : 0)),
      writeUnits: sum(({ operation, units, indexUnits }) =>
        isRead(operation) ? 0 : units - indexUnits,
      ),
      indexWriteUnits: sum(({ operation, indexUnits }) => (isRead(operation) ? 0 : indexUnits)),
    };
  });
}

const isRead = (operation: string): boolean => /Get|Query|Scan/.test(operation);

interface Write {
  readonly Put?: { readonly Item: { readonly sk: { readonly S: string } } };
}

/** True for the transaction that writes a new user. The rest belongs to the mail. */
function isCreate({ operation, text }: CountedRequest): boolean {
  if (operation !== 'TransactWriteItems') return false;
  const { TransactItems } = JSON.parse(text) as { TransactItems: readonly Write[] };
  return TransactItems.some(({ Put }) => Put?.Item.sk.S === 'USER');
}

/** The sweep would add requests. */
function removeSchedules(resources: Resources): void {
  for (const [id] of listResources(resources, 'AWS::Events::Rule')) delete resources[id];
}

async function waitUntilIdle({ requests }: CountingProxy): Promise<void> {
  for (let count = -1; count !== requests.length; ) {
    count = requests.length;
    await sleep(idleMs);
  }
}
