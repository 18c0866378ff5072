/** Parts of the commands that read or write the tables of a deployment. */
import { join, resolve } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { chargeConsumption } from '../../lib/store/dynamodb/charge-consumption.ts';
import type { Tables } from '../../lib/store/dynamodb/tables.ts';
import { setSdkEndpoint } from '../local/process/database.ts';
import { findRunning, type Running } from '../local/process/running.ts';

/** Options that select the tables. */
export const tableOptions = {
  table: { type: 'string', default: process.env.DIRECTORY_TABLE },
  'secrets-table': { type: 'string', default: process.env.SECRETS_TABLE },
  local: { type: 'boolean', default: false },
  endpoint: { type: 'string', default: process.env.AWS_ENDPOINT_URL_DYNAMODB },
} as const;

interface TableTarget {
  readonly table?: string;
  readonly 'secrets-table'?: string;
  readonly local: boolean;
  readonly endpoint?: string;
}

interface SelectedTables {
  readonly directory: string;
  readonly secrets: string;
  /** Undefined for AWS. */
  readonly endpoint: string | undefined;
  /** Local server whose tables these are. */
  readonly server: Running | undefined;
}

/** Asserts a condition on the arguments. Its error contains the usage. */
export type Check = (isValid: boolean, problem: string) => asserts isValid;

export const createCheck =
  (usage: string): Check =>
  (isValid, problem) => {
    if (!isValid) throw new Error(`${problem}\n\n${usage}`);
  };

/** Parses the arguments of this process. Throws an error that contains the usage. */
export function readArguments<Options extends NonNullable<ParseArgsConfig['options']>>(
  options: Options,
  usage: string,
) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${usage}`, { cause: error });
  }
}

/** Returns the tables of the options, or those of the running `npm start`. */
export async function selectTables(
  { table, 'secrets-table': secrets, local, endpoint }: TableTarget,
  check: Check,
): Promise<SelectedTables> {
  if (table !== undefined && !local) {
    check(secrets !== undefined, '--secrets-table is required with --table.');
    return { directory: table, secrets, endpoint, server: undefined };
  }
  const server = await findRunning(
    resolve(process.env.ROSTER_LOCAL ?? join(import.meta.dirname, '../../.local')),
  );
  check(server?.tables !== undefined, '--table is missing, and no running `npm start` was found.');
  return { ...server.tables, endpoint: server.database?.endpoint, server };
}

/** Connects to the tables of a command. Its requests are repeated until they are not throttled. */
export function connect({ directory, secrets, endpoint }: Omit<SelectedTables, 'server'>): Tables {
  if (endpoint !== undefined) setSdkEndpoint(endpoint);
  const client = new DynamoDBClient({ maxAttempts: 10 });
  chargeConsumption(client);
  return {
    client: DynamoDBDocumentClient.from(client, {
      marshallOptions: { removeUndefinedValues: true },
    }),
    directory,
    secrets,
  };
}

/** Runs a command, which returns its exit code. Prints an error with its cause. */
export async function runCommand(
  command: () => Promise<number>,
  { errorCode = 1 }: { readonly errorCode?: number } = {},
): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    const { message, cause } = error as Error;
    console.error(
      cause instanceof Error && !message.includes(cause.message)
        ? `${message}: ${cause.message}`
        : message,
    );
    process.exitCode = errorCode;
  }
}
