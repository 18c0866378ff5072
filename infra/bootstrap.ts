/** `npm run bootstrap`: writes the first tenant, so that there is one that a token can name. */
import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { languages } from '../lib/domain/invitations/language.ts';
import { isOrigin, isPage } from '../lib/domain/tenants/pages.ts';
import { isReservedSlug, slugPattern } from '../lib/domain/tenants/slug.ts';
import { createTenant, tenantStore } from '../lib/store/tenants.ts';
import { isLoopback, pointSdkAt } from './local/database.ts';
import { findRunning } from './local/running.ts';

const usage = `Usage: npm run bootstrap -- --tenant SLUG [--name NAME] [--origin URL] [--uniqueness tenant|system]
                          [--accept-url URL] [--sender ADDRESS] [--locale LOCALE] [--invitation-days N]
                          [--local | --table NAME] [--endpoint URL]

Writes a tenant with its app client "default" and prints the tenant's id; of one that is there already it prints the id and
changes nothing.

  --tenant           its label in host names: lower-case letters, digits and hyphens
  --name             how people call it; the slug if it is not given
  --origin           where links in mails lead, as in https://app.example.com; may be left out for a database on this machine
  --uniqueness       whether e-mails and user names are unique in the tenant (the default) or across all "system" tenants
  --accept-url       a page of your own on which people accept invitations, in place of <origin>/accept
  --sender           whom its mails come from, an address that SES has verified, in place of the deployment's
  --locale           the language of its mails: en (the default) or de, and with a region if you like
  --invitation-days  for how many days its invitations are good, 1 to 30, in place of the deployment's
  --table            the directory table: the output DirectoryTableName of the stack, or the variable DIRECTORY_TABLE
  --local            the table of the running \`npm start\`; the default where no table is named
  --endpoint         another DynamoDB than that of AWS; or the variable AWS_ENDPOINT_URL_DYNAMODB`;

const options = {
  tenant: { type: 'string' },
  name: { type: 'string' },
  origin: { type: 'string' },
  uniqueness: { type: 'string', default: 'tenant' },
  'accept-url': { type: 'string' },
  sender: { type: 'string' },
  locale: { type: 'string', default: 'en' },
  'invitation-days': { type: 'string' },
  table: { type: 'string', default: process.env.DIRECTORY_TABLE },
  local: { type: 'boolean', default: false },
  endpoint: { type: 'string', default: process.env.AWS_ENDPOINT_URL_DYNAMODB },
} as const;

try {
  console.log(await bootstrap());
} catch (error) {
  const { message, cause } = error as Error;
  console.error(cause instanceof Error && !message.includes(cause.message) ? `${message}: ${cause.message}` : message);
  process.exitCode = 1;
}

async function bootstrap(): Promise<string> {
  const { tenant: slug = '', name, origin, uniqueness, locale, sender, ...others } = readArguments();
  const { 'accept-url': acceptUrl, 'invitation-days': days, ...where } = others;
  check(slugPattern.test(slug), '--tenant must be 1 to 63 lower-case letters, digits and hyphens.');
  check(!isReservedSlug(slug), '--tenant must be none of the names that are kept for the deployment, as www or api.');
  check(uniqueness === 'tenant' || uniqueness === 'system', '--uniqueness must be tenant or system.');
  check(acceptUrl === undefined || isPage(acceptUrl), '--accept-url must be an https URL without a query or a fragment.');
  check(sender === undefined || /^[^\s@<>]+@[^\s@<>]+$/.test(sender), '--sender must be an e-mail address.');
  check(
    languages.some((language) => locale.split('-')[0] === language),
    `--locale must be ${languages.join(' or ')}.`,
  );
  check(days === undefined || /^([1-9]|[12]\d|30)$/.test(days), '--invitation-days must be 1 to 30.');
  const { table, endpoint, url } = findTable(where);
  const isLocal = endpoint !== undefined && isLoopback(endpoint);
  const whereLinksLead = origin ?? (isLocal ? url : undefined);
  check(whereLinksLead !== undefined && isOrigin(whereLinksLead), '--origin must be an https origin without a path.');

  if (endpoint !== undefined) pointSdkAt(endpoint);
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({}), { marshallOptions: { removeUndefinedValues: true } });
  const find = () => tenantStore({ client, directory: table }, Date.now).findIdBySlug(slug);
  const existing = await find();
  if (existing !== undefined) return existing;

  const tenantId = randomUUID();
  try {
    await createTenant(client, table, {
      tenantId,
      slug,
      name: name ?? slug,
      origin: whereLinksLead,
      uniqueness,
      status: 'active',
      locale,
      acceptUrl,
      sender,
      invitationDays: days === undefined ? undefined : Number(days),
      createdTime: new Date().toISOString(),
    });
    return tenantId;
  } catch (error) {
    const faster = await find();
    if (faster === undefined) throw error;
    return faster;
  }
}

function readArguments() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${usage}`, { cause: error });
  }
}

/** Throws the usage with what is wrong about it. */
function check(isRight: boolean, problem: string): asserts isRight {
  if (!isRight) throw new Error(`${problem}\n\n${usage}`);
}

function findTable({ table, local, endpoint }: { table?: string; local: boolean; endpoint?: string }) {
  if (table !== undefined && !local) return { table, endpoint, url: 'http://localhost:4000' };
  const running = findRunning(resolve(process.env.ROSTER_LOCAL ?? join(import.meta.dirname, '..', '.local')));
  check(running?.directoryTable !== undefined, 'No --table is given, and no `npm start` is running whose table could be used.');
  return { table: running.directoryTable, endpoint: running.database?.endpoint, url: running.url };
}
