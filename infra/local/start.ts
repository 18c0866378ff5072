/** `npm start`: runs the synthesized stack on this machine. */
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createSampleAppClients, createSampleConnection } from './dev/app-clients.ts';
import { startFakeAws } from './fakes/fake-aws.ts';
import { startFakeDns } from './fakes/dns.ts';
import { renderBanner } from './dev/banner.ts';
import { buildStack } from './template/build-stack.ts';
import { assertDataVersion } from './process/data-version.ts';
import { createTables, setSdkEndpoint, startDatabase } from './process/database.ts';
import { type Consumers, startConsumers } from './events/start-consumers.ts';
import { createFunctions, toTargetRoutes } from './gateway/local-functions.ts';
import { createGateway } from './gateway/gateway.ts';
import { createIssuer } from './fakes/issuer.ts';
import { onStop, fail, runStep, stopSignal, stopOnSignal } from './process/lifecycle.ts';
import {
  localLimits,
  readDialects,
  readLimits,
  readResourceServers,
  readNames,
  readSenders,
} from './gateway/limits.ts';
import { createReceiver } from './dev/receiver.ts';
import { createLocalRoutes } from './dev/routes.ts';
import { redirectLogs } from './process/request-log.ts';
import {
  cleanUp,
  findRunning,
  forgetRunning,
  instancePath,
  recordRunning,
  type Running,
} from './process/running.ts';
import { createSampleTenants, findTenantId } from './dev/samples.ts';
import { type EarlyResponder, type LocalServer, listen, textResponse } from './gateway/server.ts';
import { createFeedReader } from '../../lib/store/feed/feed-reader.ts';
import { readTemplate } from './template/read-template.ts';

/** Files that survive a restart without `--fresh`. */
const persistentFiles = [
  'data',
  'issuer-key.json',
  'link-key',
  'app-client-key',
  'stream-positions.json',
  'failures',
  'archive',
  'requests.log',
];

const variables = [
  'PORT',
  'ROSTER_LOCAL',
  'AWS_ENDPOINT_URL_DYNAMODB',
  'DIALECTS',
  'ID_PREFIX',
  'PERMISSIONS',
  'RESOURCE_SERVERS',
  'MAIL_SENDERS',
  ...Object.keys(localLimits),
];

const usage = `Usage: npm start [-- --fresh]

  --fresh  deletes the users, emails and keys in .local/

Environment variables, described in docs/quickstart.md:

  ${variables.join('\n  ')}`;

stopOnSignal();
try {
  await start();
} catch (error) {
  await fail(error);
}

async function start(): Promise<void> {
  const { fresh, port } = readOptions();
  const limits = readLimits(process.env);
  const resourceServers = readResourceServers(process.env);
  const dialects = readDialects(process.env);
  const senders = readSenders(process.env);
  const names = readNames(process.env);
  const folder = resolve(
    process.env.ROSTER_LOCAL ?? join(import.meta.dirname, '..', '..', '.local'),
  );
  // The folder contains keys, password hashes and personal data.
  process.umask(0o077);

  // Listens first to reserve the port. Requests wait until the server is ready.
  const instance = randomUUID();
  const server = await listenOnPort(port, (target) =>
    target === instancePath ? textResponse(200, instance) : undefined,
  );
  onStop(() => server.close());
  const url = `http://localhost:${server.port}`;

  await claimFolder(folder, { url, instance });
  if (fresh)
    for (const name of persistentFiles)
      rmSync(join(folder, name), { recursive: true, force: true });

  mkdirSync(join(folder, 'data'), { recursive: true });
  makePrivate(join(folder, 'data'));
  const [stack, database, aws, dns] = await Promise.all([
    runStep(
      'Building the functions and the stack',
      buildStack(folder, stopSignal, dialects.join()),
    ),
    runStep('Starting the database', startDatabase({ path: join(folder, 'data', 'roster.db') })),
    startFakeAws({ linkKeyFile: join(folder, 'link-key'), archiveFolder: join(folder, 'archive') }),
    startFakeDns(),
  ]);
  let deliveries: Consumers | undefined;
  onStop(() => deliveries?.stop());
  onStop(() => aws.close());
  onStop(() => dns.close());
  onStop(() => database.stop());
  void database.ended.then(() => fail(new Error('The database has stopped.')));
  setSdkEndpoint(database.endpoint);

  const declared = readTemplate(stack);
  // The test issuer has its own URL, because Roster's own issuer has the URL of the server.
  const issuer = createIssuer({
    issuer: `${url}/_local`,
    keyFile: join(folder, 'issuer-key.json'),
  });
  const print = redirectLogs(join(folder, 'requests.log'));
  const environment = {
    ...aws.environment,
    ISSUERS: JSON.stringify([issuer.settings]),
    OWN_ISSUER: JSON.stringify({ issuer: url, audience: url, resourceServers }),
    TENANT_HOST_SUFFIX: 'admin.localhost',
    DNS_RESOLVERS: dns.address,
    ALLOW_LOCAL_WEBHOOKS: 'true',
    ...(senders && { MAIL_SENDERS: senders }),
    ...names,
    ...limits,
  };
  const functions = createFunctions(declared.functions, environment, () => deliveries?.wake());

  const client = new DynamoDBClient({});
  const documents = DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
  });
  const [directory, secrets] = [process.env.DIRECTORY_TABLE ?? '', process.env.SECRETS_TABLE ?? ''];
  const isEmbedded = database.pid !== undefined;
  await assertDataVersion(documents, {
    secretsTable: secrets,
    location: isEmbedded ? folder : `the database at ${database.endpoint}`,
    remedy: isEmbedded
      ? 'To delete the data and start again: npm start -- --fresh'
      : 'Delete its tables and start again.',
  });
  await runStep(
    'Creating the tables',
    assertUsable(createTables(client, declared.tables), database.endpoint),
  );
  const tables = { client: documents, directory, secrets };
  await runStep('Writing the sample tenants', createSampleTenants(tables, url));
  const keyFile = join(folder, 'app-client-key');
  const appClients = await createSampleAppClients(tables, keyFile);
  const scimToken = await createSampleConnection(tables, keyFile);
  if (stopSignal.aborted) return;

  const { bus, mailbox } = aws;
  deliveries = startConsumers({
    declared,
    functions: functions.byName,
    databaseEndpoint: database.endpoint,
    bus,
    folder,
    onFailure: logFailure,
  });
  const findTenant = (slugOrId: string) => findTenantId(documents, directory, slugOrId);
  server.respondWith([
    createLocalRoutes({
      issuer,
      findTenantId: findTenant,
      tables,
      mailbox,
      dns,
      bus,
      feed: createFeedReader(tables, () => Date.now()),
      receiver: createReceiver(),
      ownBus: declared.eventBus,
    }),
    createGateway({
      routes: toTargetRoutes(declared.routes, functions.byName),
      cors: declared.cors,
      onFailure: logFailure,
    }),
  ]);
  recordRunning(folder, {
    pid: process.pid,
    url,
    instance,
    senders: process.env.MAIL_SENDERS?.split(',') ?? [],
    tables: { directory, secrets },
    database: { endpoint: database.endpoint, ...(database.pid && { pid: database.pid }) },
  });
  const data =
    database.pid === undefined
      ? `in the database at ${database.endpoint}`
      : `in ${folder} until \`npm start -- --fresh\``;
  print(
    renderBanner({
      url,
      issuer,
      appClients,
      scimToken,
      dialects,
      data,
      seconds: performance.now() / 1000,
    }),
  );
  await functions.loadAll();
}

function readOptions(): { fresh: boolean; port: number } {
  const port = Number(process.env.PORT || 4000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`PORT must be a port number, not ${process.env.PORT}.`);
  try {
    const { fresh = false, help = false } = parseArgs({
      options: { fresh: { type: 'boolean' }, help: { type: 'boolean' } },
    }).values;
    if (help) {
      console.log(usage);
      process.exit(0);
    }
    return { fresh, port };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${usage}`, { cause: error });
  }
}

async function listenOnPort(port: number, respondEarly: EarlyResponder): Promise<LocalServer> {
  try {
    return await listen(port, { respondEarly });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE')
      throw new Error(`Port ${port} cannot be used: ${message}`, { cause: error });
    throw new Error(
      `Port ${port} is in use. Stop the other process, or choose another port: PORT=${port + 1} npm start`,
      { cause: error },
    );
  }
}

/** Makes files private that an earlier version left readable. */
function makePrivate(folder: string): void {
  chmodSync(folder, 0o700);
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o600);
}

/** Reserves the data folder for this process. */
async function claimFolder(
  folder: string,
  { url, instance }: Pick<Running, 'url' | 'instance'>,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  const other = await findRunning(folder);
  if (other)
    throw new Error(`${folder} is in use by process ${other.pid} at ${other.url}. Stop it first.`);
  await cleanUp(folder);
  recordRunning(folder, { pid: process.pid, url, instance });
  onStop(() => forgetRunning(folder));
}

async function assertUsable(work: Promise<void>, endpoint: string): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw new Error(`The database at ${endpoint} cannot be used: ${String(error)}`, {
      cause: error,
    });
  }
}

/** Callers see only `Internal Server Error`, so the terminal shows the cause. */
function logFailure(functionName: string, error: unknown): void {
  console.error(`${functionName} failed:`, error);
}
