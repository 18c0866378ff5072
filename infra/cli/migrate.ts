/** `npm run migrate`: upgrades the items of both tables, and the entries of the user list. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { chargeConsumption } from '../../lib/store/dynamodb/charge-consumption.ts';
import { schemaVersion } from '../../lib/store/dynamodb/tables.ts';
import { readSchemaVersion } from '../../lib/store/schema-upgrade.ts';
import { setSdkEndpoint } from '../local/process/database.ts';
import { findRunning } from '../local/process/running.ts';
import type { MigrationMode } from '../../lib/store/users/entry-migration.ts';
import { createMigrationPosition } from './migration-position.ts';
import { formatTotal, migrateEntries, upgradeItems } from './migration-run.ts';
import { createPacer } from './pacer.ts';

const usage = `Usage: npm run migrate -- [--dry-run | --verify] [--units N] [--state FILE]
                        [--local | --table NAME --secrets-table NAME] [--endpoint URL]

Upgrades items of schema version 2, and rewrites entries of the user list that differ from their user. The service can
run at the same time. A stopped migration continues at its position when you repeat the command.

  --dry-run        counts the entries to rewrite
  --verify         reports each difference with its tenant and user, and fails if there is one
  --units          capacity units per second, read and write units together; default: 500
  --state          file with the position of a stopped migration; default: .local/migrate-<table>.json
  --table          directory table: output DirectoryTableName of the stack, or variable DIRECTORY_TABLE
  --secrets-table  secrets table: output SecretsTableName of the stack, or variable SECRETS_TABLE
  --local          uses the tables of the running \`npm start\`; default without a table
  --endpoint       DynamoDB endpoint, or variable AWS_ENDPOINT_URL_DYNAMODB; default: AWS`;

const options = {
  'dry-run': { type: 'boolean', default: false },
  verify: { type: 'boolean', default: false },
  units: { type: 'string', default: '500' },
  state: { type: 'string' },
  table: { type: 'string', default: process.env.DIRECTORY_TABLE },
  'secrets-table': { type: 'string', default: process.env.SECRETS_TABLE },
  local: { type: 'boolean', default: false },
  endpoint: { type: 'string', default: process.env.AWS_ENDPOINT_URL_DYNAMODB },
  help: { type: 'boolean', default: false },
} as const;

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

try {
  process.exitCode = await migrate();
} catch (error) {
  const { message, cause } = error as Error;
  console.error(cause instanceof Error ? `${message}: ${cause.message}` : message);
  process.exitCode = 1;
}

/** Returns the exit code: 1 if a difference remains or the migration was stopped. */
async function migrate(): Promise<number> {
  const { help, verify, 'dry-run': isDryRun, units, state, ...where } = readArguments();
  if (help) {
    console.log(usage);
    return 0;
  }
  check(!(verify && isDryRun), '--dry-run and --verify exclude each other.');
  const mode = selectMode(verify, isDryRun);
  check(/^[1-9]\d{0,5}$/.test(units), '--units must be a whole number from 1 to 999999.');
  const { directory, secrets, endpoint } = await findTables(where);
  if (endpoint !== undefined) setSdkEndpoint(endpoint);
  const client = new DynamoDBClient({ maxAttempts: 10 });
  chargeConsumption(client);
  const tables = { client: DynamoDBDocumentClient.from(client), directory, secrets };
  const { Table } = await client.send(new DescribeTableCommand({ TableName: directory }));
  const run = {
    tables,
    pacer: createPacer(Number(units), stop.signal),
    itemCount: Table?.ItemCount ?? 0,
    signal: stop.signal,
  };
  const version = await readSchemaVersion(tables);
  if (version !== schemaVersion && mode === 'rewrite') {
    if (!(await upgradeItems(run))) return reportStop();
  } else if (version !== undefined && version !== schemaVersion) {
    throw new Error(`The tables have schema version ${version}. Run the migration first.`);
  }
  const file = resolve(state ?? join('.local', `migrate-${directory}.json`));
  const position = mode === 'rewrite' ? createMigrationPosition(file, directory) : undefined;
  const total = await migrateEntries(run, { mode, position });
  if (total === undefined) return reportStop();
  console.log(formatTotal(total));
  return isDryRun || total.differences === 0 ? 0 : 1;
}

function selectMode(verify: boolean, isDryRun: boolean): MigrationMode {
  if (verify) return 'verify';
  return isDryRun ? 'count' : 'rewrite';
}

function reportStop(): number {
  console.log('Stopped. Repeat the command to continue.');
  return 1;
}

function readArguments() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${usage}`, { cause: error });
  }
}

/** Throws an error that contains the usage. */
function check(isRight: boolean, problem: string): asserts isRight {
  if (!isRight) throw new Error(`${problem}\n\n${usage}`);
}

interface MigrationTarget {
  readonly table?: string;
  readonly 'secrets-table'?: string;
  readonly local: boolean;
  readonly endpoint?: string;
}

async function findTables({ table, 'secrets-table': secrets, local, endpoint }: MigrationTarget) {
  if (table !== undefined && !local) {
    check(secrets !== undefined, '--secrets-table is required with --table.');
    return { directory: table, secrets, endpoint };
  }
  const running = await findRunning(
    resolve(process.env.ROSTER_LOCAL ?? join(import.meta.dirname, '../../.local')),
  );
  check(running?.tables !== undefined, '--table is missing, and no running `npm start` was found.');
  return { ...running.tables, endpoint: running.database?.endpoint };
}
