/** `npm run scim:demo`: sends requests of Okta and Entra ID to the running `npm start`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleTenants } from './samples.ts';

const usage = `Usage: npm run scim:demo

Creates a SCIM connection for Okta and one for Entra ID in the tenant acme of the running \`npm start\`, or renews their
tokens, and sends the requests of a provisioning cycle. Prints each request with its status, the attributes that it
changed, and the quirks of its reading. The exit code is 1 if a status differs from the expected one.

Environment variables:

  BASE  URL of the server; default: http://localhost:4000`;

const base = process.env.BASE ?? 'http://localhost:4000';
/** Requests that the tests send, too. */
const vectors = join(import.meta.dirname, '../../../test/vectors/scim');
const names = { okta: 'Okta demo', entra: 'Entra ID demo' } as const;

/** Requests of an identity provider. `{name}` is the ID that a step saved. */
interface Cycle {
  readonly headers: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Step {
  readonly title: string;
  readonly method: string;
  /** Below the base URL of SCIM. */
  readonly path: string;
  readonly body?: object;
  readonly expected: { readonly status: number };
  readonly save?: string;
}

interface Connection {
  readonly connectionId: string;
  readonly name: string;
  readonly baseUrl: string;
  readonly token: string;
}

/** Part of an entry in the log of a connection. */
interface LogEntry {
  readonly requestId: string;
  readonly quirks: readonly string[];
  readonly skipped: readonly { readonly reason: string; readonly name: string | null }[];
  readonly changedAttributes: readonly string[];
}

type Api = <Result>(method: string, path: string, body?: object) => Promise<Result>;

/** Returns the exit code. */
async function runDemo(): Promise<number> {
  let requests = 0;
  try {
    const api = await createApi();
    for (const provider of ['okta', 'entra'] as const) {
      const connection = await openConnection(provider, api);
      console.log(`${connection.name}: ${connection.baseUrl}`);
      requests += await runCycle(readCycle(provider), connection, api);
      console.log();
    }
  } catch (error) {
    console.error((error as Error).message);
    return 1;
  }
  console.log(`${requests} requests, all with the expected status`);
  return 0;
}

const readCycle = (provider: keyof typeof names): Cycle =>
  JSON.parse(readFileSync(join(vectors, `${provider}.json`), 'utf8')) as Cycle;

/** Creates a client of the native API with the token of an administrator. */
async function createApi(): Promise<Api> {
  const [{ slug }] = sampleTenants;
  const request = await fetch(`${base}/_local/token`, {
    method: 'POST',
    body: JSON.stringify({ tenant: slug, roles: ['admin'] }),
  }).catch((error: unknown) => {
    throw new Error(`No server at ${base}. Start it with npm start, or set BASE.`, {
      cause: error,
    });
  });
  const { access_token: token } = (await request.json()) as { access_token: string };
  return async <Result>(method: string, path: string, body?: object) => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as Result;
  };
}

/** Creates the connection of a provider, or a new token for it. Earlier tokens end. */
async function openConnection(provider: keyof typeof names, api: Api): Promise<Connection> {
  const name = names[provider];
  const path = '/v1/scim/connections';
  const { connections } = await api<{ connections: readonly Connection[] }>(
    'GET',
    `${path}?maxResults=100`,
  );
  const existing = connections.find((connection) => connection.name === name);
  return existing
    ? api('POST', `${path}/${existing.connectionId}/tokens`, { overlapSeconds: 0 })
    : api('POST', path, { name, provider });
}

/** Returns the number of requests. Throws after an unexpected status. */
async function runCycle(
  { headers, steps }: Cycle,
  connection: Connection,
  api: Api,
): Promise<number> {
  const ids = new Map<string, string>();
  for (const step of steps) {
    const { method, path, body } = fillIn(step, ids);
    const response = await fetch(`${connection.baseUrl}${path}`, {
      method,
      headers: { ...headers, authorization: `Bearer ${connection.token}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const entry = await readLogEntry(connection, response.headers.get('x-request-id'), api);
    const shownPath = decodeURIComponent(path.replaceAll('+', ' '));
    console.log(
      [`${response.status} ${method.padEnd(6)} ${shownPath}`, ...describe(entry)].join('  '),
    );
    if (response.status !== step.expected.status)
      throw new Error(`Expected ${step.expected.status} to ${step.title}: ${text}`);
    if (step.save !== undefined) ids.set(step.save, (JSON.parse(text) as { id: string }).id);
  }
  return steps.length;
}

/** Replaces the names of saved IDs. */
const fillIn = (step: Step, ids: ReadonlyMap<string, string>): Step =>
  JSON.parse(
    JSON.stringify(step).replaceAll(/\{([a-z]\d)\}/g, (_, name: string) => ids.get(name) ?? name),
  ) as Step;

/** Finds the entry of the latest request. */
async function readLogEntry(
  { connectionId }: Connection,
  requestId: string | null,
  api: Api,
): Promise<LogEntry | undefined> {
  const path = `/v1/scim/connections/${connectionId}/log?maxResults=1`;
  const { entries } = await api<{ entries: readonly LogEntry[] }>('GET', path);
  return entries.find((entry) => entry.requestId === requestId);
}

const describe = ({ changedAttributes = [], quirks = [], skipped = [] }: Partial<LogEntry> = {}) =>
  Object.entries({
    changed: changedAttributes,
    quirks,
    skipped: skipped.map(({ name, reason }) => name ?? reason),
  }).flatMap(([label, values]) => (values.length === 0 ? [] : `${label}: ${values.join(', ')}`));

if (process.argv.includes('--help')) console.log(usage);
else process.exitCode = await runDemo();
