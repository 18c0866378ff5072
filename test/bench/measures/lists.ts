/** Costs of searches, counts and orders of a list, compared with a plain page. */
import { join } from 'node:path';
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { buildStack } from '../../../infra/local/template/build-stack.ts';
import { startCountingProxy } from '../support/counting-proxy.ts';
import { type Directory, getDirectory, rareName, rareNameInterval } from '../support/fill.ts';
import { end, freePort } from '../support/processes.ts';
import { processorTimes, type Slice, startLoad, type Summary, summary } from '../support/slices.ts';
import { type Stage, startRoster } from '../support/stage.ts';
import type { Quartiles } from '../support/statistics.ts';
import { copyStack } from '../support/template.ts';

const pageLength = 100;

interface ListQuery {
  readonly name: string;
  readonly parameters: string;
  /** Requests per slice, with more than 60 ms of CPU time. */
  readonly requests: number;
  /** Number of users that match in a directory of this size. Default: all. */
  readonly countMatches?: (size: number) => number;
  readonly hasCount?: boolean;
}

const searchRare = `&search=${rareName.split(' ')[1]}`;
const countRare = (size: number): number => Math.ceil(size / rareNameInterval);

/** The first query is the reference. */
const queries: readonly ListQuery[] = [
  { name: 'plain', parameters: '', requests: 60 },
  { name: '`sort=-email`', parameters: '&sort=-email', requests: 60 },
  { name: '`search`, all match', parameters: '&search=ada', requests: 60 },
  {
    name: '`search`, 1 of 5 matches',
    parameters: searchRare,
    requests: 12,
    countMatches: countRare,
  },
  { name: '`search`, none match', parameters: '&search=grace', requests: 6, countMatches: () => 0 },
  { name: '`count`', parameters: '&count=true', requests: 6, hasCount: true },
  {
    name: '`count` and `search`',
    parameters: `&count=true${searchRare}`,
    requests: 1,
    countMatches: countRare,
    hasCount: true,
  },
];

export interface ListCost {
  readonly name: string;
  readonly users: number;
  /** Undefined if the machine was too slow for the count. */
  readonly readUnits: number | undefined;
  readonly roster: Summary;
  /** CPU time as a multiple of the plain page. Undefined for the plain page. */
  readonly processorTimes: Quartiles | undefined;
}

/** Measures each query, one request at a time, in turns with the others. */
export async function measureLists(
  stage: Stage,
  {
    folder,
    size,
    rounds,
    log,
  }: { folder: string; size: number; rounds: number; log: (line: string) => void },
): Promise<ListCost[]> {
  const directory = await getDirectory(stage, size);
  const readUnits = await countUnits(stage, folder, directory);
  const load = startLoad(stage);
  const send = (query: ListQuery): Promise<Slice> =>
    load.send(stage.roster, directory.tenantId, {
      count: query.requests,
      concurrency: 1,
      reads: [toPath(query)],
    });
  // Warms up.
  await send(queries[0] as ListQuery);
  const sides = queries.map((query) => ({ query, slices: [] as Slice[] }));
  for (let round = 0; round < rounds; round++)
    for (const { query, slices } of round % 2 === 0 ? sides : sides.toReversed())
      slices.push(await send(query));
  await load.end();
  const costs = sides.map(
    ({ query: { name }, slices }, index): ListCost => ({
      name,
      users: size,
      readUnits: readUnits[index],
      roster: summary(slices),
      processorTimes: index === 0 ? undefined : processorTimes(slices, sides[0]?.slices ?? []),
    }),
  );
  log(
    `lists: ${costs.map(({ name, roster }) => `${name} ${roster.p50.toFixed(1)} ms`).join(', ')}`,
  );
  return costs;
}

const toPath = ({ parameters }: ListQuery): string => `?maxResults=${pageLength}${parameters}`;

/** Sends each query once through a proxy to the database. Throws if a response is wrong. */
async function countUnits(
  stage: Stage,
  folder: string,
  directory: Directory,
): Promise<(number | undefined)[]> {
  const own = join(folder, 'lists');
  copyStack(await buildStack(folder, new AbortController().signal), own, () => {});
  const port = await freePort();
  const proxy = await startCountingProxy(stage.database.endpoint);
  const roster = await startRoster(own, port, { AWS_ENDPOINT_URL_DYNAMODB: proxy.endpoint });
  const { mintAccessToken } = createIssuer({
    issuer: `http://localhost:${port}/_local`,
    keyFile: join(own, 'issuer-key.json'),
  });
  const { tenantId } = directory;
  const headers = {
    authorization: `Bearer ${mintAccessToken({ sub: 'bench', tenantId, roles: ['admin'] })}`,
  };
  const measure = async (query: ListQuery): Promise<number | undefined> => {
    const before = proxy.requests.length;
    const response = await fetch(`${roster.users(tenantId)}${toPath(query)}`, { headers });
    const isComplete = assertListed(query, directory, response.status, await response.text());
    const requests = proxy.requests.slice(before).filter(({ operation }) => operation === 'Query');
    return isComplete ? requests.reduce((sum, { units }) => sum + units, 0) : undefined;
  };
  // Loads the tenant.
  await measure(queries[0] as ListQuery);
  const readUnits: (number | undefined)[] = [];
  for (const query of queries) readUnits.push(await measure(query));
  await end(roster.process);
  await proxy.stop();
  return readUnits;
}

interface ListResponse {
  readonly users?: readonly object[];
  readonly count?: { readonly value: number; readonly relation: string };
}

/** Returns false if the time was too short for the count. Throws if the response is wrong. */
function assertListed(
  { name, countMatches = (size) => size, hasCount = false }: ListQuery,
  { size }: Directory,
  status: number,
  text: string,
): boolean {
  const matches = countMatches(size);
  const { users = [], count } = JSON.parse(text) as ListResponse;
  const expected = hasCount ? Math.min(matches, maxCount) : undefined;
  const isComplete = count?.value === expected;
  const isCut = count?.relation === 'atLeast' && count.value < matches;
  if (users.length === Math.min(matches, pageLength) && (isComplete || isCut)) return isComplete;
  throw new Error(`${name}, ${matches} matches: ${status} ${text.slice(-300)}`);
}

/** Number up to which Roster counts. */
const maxCount = 10_000;
