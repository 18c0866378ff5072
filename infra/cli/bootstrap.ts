/** `npm run bootstrap`: creates the first tenant, its owner and an app client. */
import { existsSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { internationalEmail } from '../../lib/api/email-address.ts';
import { tenantLocale } from '../../lib/api/tenants/fields.ts';
import { toHex, formatId } from '../../lib/domain/kernel/ids.ts';
import { describeSenders, isSender, type Senders } from '../../lib/domain/mail/senders.ts';
import { formatLanguages } from '../../lib/domain/mail/language.ts';
import { isOrigin, isPageUrl } from '../../lib/domain/tenants/urls.ts';
import { isReservedSlug, tenantSlugPattern } from '../../lib/domain/tenants/slug.ts';
import { isLoopback, setSdkEndpoint } from '../local/process/database.ts';
import {
  type Check,
  createCheck,
  readArguments,
  runCommand,
  selectTables,
  tableOptions,
} from './command.ts';
import { renewSecret, provisionAppClient, provisionTenant } from './provision.ts';

const usage = `Usage: npm run bootstrap -- --tenant SLUG --owner ADDRESS [--system] [--name NAME] [--origin URL]
                          [--uniqueness tenant|system] [--accept-url URL] [--reset-url URL] [--confirm-url URL]
                          [--verify-url URL]
                          [--sender ADDRESS] [--locale LOCALE] [--invitation-days N] [--link-key ID] [--new-secret]
                          [--local | --table NAME --secrets-table NAME] [--endpoint URL] [--config FILE]

Creates the first tenant of a deployment, its owner and an app client, and prints their IDs and the client secret. A second
run changes nothing and does not print the secret again.

  --tenant           slug of the tenant, its label in host names: lower-case letters, digits and hyphens
  --owner            email address of the owner, an administrator who is invited by email
  --system           makes the app client a system administrator instead of an administrator of the tenant
  --name             display name; default: the slug
  --origin           base of links in emails, such as https://app.example.com; optional for a local database
  --uniqueness       emails and usernames are unique in the tenant (default), or across all "system" tenants
  --accept-url       your page for accepting invitations; default: <origin>/accept
  --reset-url        your page for password resets; default: <origin>/reset
  --confirm-url      your page for confirming emails and identities; default: <origin>/confirm
  --verify-url       your page for verifying emails; default: <origin>/verify
  --sender           sender of emails, allowed by \`mail\` of the configuration; default: the sender of the deployment
  --config           configuration of the deployment, read for --sender; default: roster.config.json
  --locale           language of emails, such as de-CH, fr or es; default: en
  --invitation-days  days until invitations expire, 1 to 30; default: the setting of the deployment
  --link-key         first of the deployment's linkKeys; default: 1
  --new-secret       replaces all secrets of the app client with a new one
  --table            directory table: output DirectoryTableName of the stack, or variable DIRECTORY_TABLE
  --secrets-table    secrets table: output SecretsTableName of the stack, or variable SECRETS_TABLE
  --local            uses the tables of the running \`npm start\`; default without a table
  --endpoint         DynamoDB endpoint, or variable AWS_ENDPOINT_URL_DYNAMODB; default: AWS`;

const options = {
  tenant: { type: 'string' },
  owner: { type: 'string' },
  system: { type: 'boolean', default: false },
  name: { type: 'string' },
  origin: { type: 'string' },
  uniqueness: { type: 'string', default: 'tenant' },
  'accept-url': { type: 'string' },
  'reset-url': { type: 'string' },
  'confirm-url': { type: 'string' },
  'verify-url': { type: 'string' },
  sender: { type: 'string' },
  config: { type: 'string', default: 'roster.config.json' },
  locale: { type: 'string', default: 'en' },
  'invitation-days': { type: 'string' },
  'link-key': { type: 'string', default: '1' },
  'new-secret': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  ...tableOptions,
} as const;

const check: Check = createCheck(usage);

await runCommand(async () => {
  console.log(await bootstrap());
  return 0;
});

async function bootstrap(): Promise<string> {
  const {
    tenant: slug = '',
    owner: ownerEmail = '',
    name = slug,
    origin,
    uniqueness,
    locale,
    sender,
    config,
    system,
    help,
    ...others
  } = readArguments(options, usage);
  if (help) return usage;
  const {
    'accept-url': acceptUrl,
    'reset-url': resetUrl,
    'confirm-url': confirmUrl,
    'verify-url': verifyUrl,
    'invitation-days': days,
    'link-key': linkKeyId,
    'new-secret': renews,
    ...target
  } = others;
  check(
    tenantSlugPattern.test(slug),
    '--tenant must be 1 to 63 lower-case letters, digits and hyphens.',
  );
  check(
    !isReservedSlug(slug),
    '--tenant must be different from reserved names such as www and api.',
  );
  check(internationalEmail().safeParse(ownerEmail).success, '--owner must be an email address.');
  check(
    uniqueness === 'tenant' || uniqueness === 'system',
    '--uniqueness must be tenant or system.',
  );
  check(
    acceptUrl === undefined || isPageUrl(acceptUrl),
    '--accept-url must be an https URL without a query or a fragment.',
  );
  check(
    resetUrl === undefined || isPageUrl(resetUrl),
    '--reset-url must be an https URL without a query or a fragment.',
  );
  check(
    confirmUrl === undefined || isPageUrl(confirmUrl),
    '--confirm-url must be an https URL without a query or a fragment.',
  );
  check(
    verifyUrl === undefined || isPageUrl(verifyUrl),
    '--verify-url must be an https URL without a query or a fragment.',
  );
  check(
    sender === undefined || internationalEmail().safeParse(sender).data === sender,
    '--sender must be an email address.',
  );
  const { data: canonicalLocale } = tenantLocale().safeParse(locale);
  check(canonicalLocale !== undefined, `--locale must be a language tag of ${formatLanguages()}.`);
  check(
    days === undefined || /^([1-9]|[12]\d|30)$/.test(days),
    '--invitation-days must be 1 to 30.',
  );
  const { directory, secrets, endpoint, server } = await selectTables(target, check);
  const isLocal = endpoint !== undefined && isLoopback(endpoint);
  const localOrigin = isLocal ? (server?.url ?? 'http://localhost:4000') : undefined;
  const linkOrigin = origin ?? localOrigin;
  check(
    linkOrigin !== undefined && isOrigin(linkOrigin),
    '--origin must be an https origin without a path.',
  );

  if (sender !== undefined) {
    const allowed = server?.senders ?? (await readSenders(config));
    check(isSender(sender, allowed), `--sender ${describeSenders(allowed)}.`);
  }

  if (endpoint !== undefined) setSdkEndpoint(endpoint);
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({}), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const tables = { client, directory, secrets };
  const invitationDays = days === undefined ? undefined : Number(days);
  const draft = {
    slug,
    ownerEmail,
    name,
    origin: linkOrigin,
    uniqueness,
    locale: canonicalLocale,
    acceptUrl,
    resetUrl,
    confirmUrl,
    verifyUrl,
    sender,
    invitationDays,
  } as const;
  const { tenantId, ownerUserId } = await provisionTenant(draft, linkKeyId, tables);
  const appClient = system
    ? {
        tenantId,
        appClientId: 'bootstrap-system',
        name: 'Bootstrap (system)',
        roles: [],
        systemAdministrator: true,
      }
    : { tenantId, appClientId: 'bootstrap', name: 'Bootstrap', roles: ['admin'] };
  const provisioned = await provisionAppClient(appClient, tables);
  const { clientId, clientSecret } =
    renews && provisioned.clientSecret === undefined
      ? await renewSecret(appClient, tables)
      : provisioned;
  const owner = ownerUserId === undefined ? null : formatId('cradl', 'user', toHex(ownerUserId));
  return JSON.stringify(
    { tenantId, ownerUserId: owner, clientId, clientSecret: clientSecret ?? null },
    null,
    2,
  );
}

/** Addresses and domains that the deployment of this configuration sends from. */
async function readSenders(file: string): Promise<Senders> {
  check(
    existsSync(file),
    `--sender must be covered by the configuration, and there is no ${file}: name it with --config FILE.`,
  );
  const { listSenders, readConfig } = await import('../config.ts');
  return listSenders(readConfig(file).mail);
}
