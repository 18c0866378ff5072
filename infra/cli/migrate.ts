/** `npm run migrate`: upgrades the items of both tables, and the entries of the user list. */
import { join, resolve } from 'node:path';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { chargeConsumption } from '../../lib/store/dynamodb/charge-consumption.ts';
import { schemaVersion } from '../../lib/store/dynamodb/tables.ts';
import { readSchemaVersion } from '../../lib/store/schema-upgrade.ts';
import { setSdkEndpoint } from '../local/process/database.ts';
import type { MigrationMode } from '../../lib/store/users/entry-migration.ts';
import {
  type Check,
  createCheck,
  readArguments,
  runCommand,
  selectTables,
  tableOptions,
} from './command.ts';
import { formatTotal, migrateEntries, type MigrationTotal, upgradeItems } from './migration-run.ts';
import { createPacer } from './pacer.ts';
import { createPosition } from './position.ts';

const usage = `Usage: npm run migrate -- [--dry-run | --verify] [--units N] [--state FILE]
                        [--local | --table NAME --secrets-table NAME] [--endpoint URL]

Upgrades items of schema version 2, and then rewrites entries of the user list that differ from their user. The API
returns 503 until the upgrade is complete. A stopped migration continues when you repeat the command.

  --dry-run        counts the entries that differ, and writes nothing
  --verify         also lists them with tenant and user; the exit code is 1 if there is one
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
  help: { type: 'boolean', default: false },
  ...tableOptions,
} as const;

const check: Check = createCheck(usage);

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

await runCommand(migrate);

/** Returns the exit code: 1 if a difference remains or the migration was stopped. */
async function migrate(): Promise<number> {
  const {
    help,
    verify,
    'dry-run': isDryRun,
    units,
    state,
    ...target
  } = readArguments(options, usage);
  if (help) {
    console.log(usage);
    return 0;
  }
  check(!(verify && isDryRun), '--dry-run and --verify cannot be combined.');
  const mode = selectMode(verify, isDryRun);
  check(/^[1-9]\d{0,5}$/.test(units), '--units must be a whole number from 1 to 999999.');
  const { directory, secrets, endpoint } = await selectTables(target, check);
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
    if (!(await upgradeItems(run))) return reportStop(mode);
  } else if (version !== undefined && version !== schemaVersion) {
    throw new Error(`The tables have schema version ${version}. Run the migration first.`);
  }
  const file = resolve(state ?? join('.local', `migrate-${directory}.json`));
  const position = mode === 'rewrite' ? createPosition<MigrationTotal>(file, directory) : undefined;
  const total = await migrateEntries(run, { mode, position });
  if (total === undefined) return reportStop(mode);
  console.log(formatTotal(total, mode));
  return isDryRun || total.differences === 0 ? 0 : 1;
}

function selectMode(verify: boolean, isDryRun: boolean): MigrationMode {
  if (verify) return 'verify';
  return isDryRun ? 'count' : 'rewrite';
}

function reportStop(mode: MigrationMode): number {
  console.log(mode === 'rewrite' ? 'Stopped. Repeat the command to continue.' : 'Stopped.');
  return 1;
}
