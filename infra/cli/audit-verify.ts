/** `npm run audit:verify`: verifies the event feed of a tenant. */
import type { Problem } from '../../lib/domain/checkpoints/chain.ts';
import { formatNoteKey, parseNoteKey } from '../../lib/domain/checkpoints/signed-note.ts';
import type { FeedReport } from '../../lib/domain/checkpoints/verify-feed.ts';
import { type Uuid, uuidPattern } from '../../lib/domain/kernel/ids.ts';
import { createTenantStore } from '../../lib/store/tenants/tenant-store.ts';
import type { Tables } from '../../lib/store/dynamodb/tables.ts';
import { listArchivedSegments, openArchive, openCheckpoints } from './audit/archive-source.ts';
import {
  readCheckpoints,
  type VerifiedCheckpoints,
  verifyArchive,
  verifyTables,
} from './audit/verify-tenant.ts';
import {
  type Check,
  connect,
  createCheck,
  readArguments,
  runCommand,
  selectTables,
  tableOptions,
} from './command.ts';

const usage = `Usage: npm run audit:verify -- --tenant SLUG|ID [--checkpoints SOURCE] [--key KEY]
                             [--local | --table NAME --secrets-table NAME] [--endpoint URL]
       npm run audit:verify -- --tenant ID --archive SOURCE [--key KEY]

Verifies the hash chain of a tenant's event feed, its numbers, and the signed checkpoints. From the tables, it also
verifies the change records and versions of all resources in the feed. The exit code is 0 without damage, 1 with damage,
and 2 if the feed could not be read.

  --tenant         slug or ID of the tenant
  --archive        verifies the archive alone: a copy of the bucket in a folder, or s3://BUCKET with the
                   region, credentials and AWS_ENDPOINT_URL_S3 of the AWS CLI
  --checkpoints    archive with the checkpoints for the tables; default with --local: that of the local server
  --key            public key of the checkpoints, such as from GET /v1/audit-log/checkpoint at an earlier time;
                   default: the key that the latest checkpoint names
  --table          directory table: output DirectoryTableName of the stack, or variable DIRECTORY_TABLE
  --secrets-table  secrets table: output SecretsTableName of the stack, or variable SECRETS_TABLE
  --local          uses the tables of the running \`npm start\`; default without a table
  --endpoint       DynamoDB endpoint, or variable AWS_ENDPOINT_URL_DYNAMODB; default: AWS`;

const options = {
  tenant: { type: 'string', default: '' },
  archive: { type: 'string' },
  checkpoints: { type: 'string' },
  key: { type: 'string' },
  help: { type: 'boolean', default: false },
  ...tableOptions,
} as const;

const check: Check = createCheck(usage);

// Exit code 1 stands for damage.
await runCommand(verify, { errorCode: 2 });

async function verify(): Promise<number> {
  const { help, tenant, archive, checkpoints, key, ...target } = readArguments(options, usage);
  if (help) {
    console.log(usage);
    return 0;
  }
  check(tenant !== '', '--tenant is required.');
  const trustedKey = key === undefined ? undefined : parseNoteKey(key);
  check(key === undefined || trustedKey !== undefined, '--key must be a verifier key.');
  if (archive !== undefined) {
    check(uuidPattern.test(tenant), '--tenant must be an ID with --archive.');
    const source = await openArchive(archive);
    const verified = await readCheckpoints(source, trustedKey);
    const tenantId = tenant.toLowerCase();
    const segments = listArchivedSegments(source, tenantId);
    const report = await verifyArchive({ tenantId, verified }, segments);
    if (report.oldest === undefined && report.problems.length === 0)
      throw new Error(`The archive has no events of the tenant ${tenantId}.`);
    return print(tenantId, verified, report);
  }
  const selected = await selectTables(target, check);
  const tables = connect(selected);
  const tenantId = await findTenantId(tenant, tables);
  const source = await openCheckpoints(checkpoints, selected.server !== undefined);
  const verified = source
    ? await readCheckpoints(source, trustedKey)
    : { key: trustedKey, checkpoints: [], problems: [] };
  return print(tenantId, verified, await verifyTables({ tenantId, verified }, tables));
}

async function findTenantId(tenant: string, tables: Tables): Promise<Uuid> {
  if (uuidPattern.test(tenant)) return tenant.toLowerCase();
  const tenantId = await createTenantStore(tables, Date.now, []).findIdBySlug(tenant);
  if (tenantId === undefined) throw new Error(`No tenant has the slug ${tenant}.`);
  return tenantId;
}

function print(
  tenantId: Uuid,
  { key, checkpoints }: VerifiedCheckpoints,
  { problems, oldest, head, lost, confirmed, expected }: FeedReport,
): number {
  const range = oldest === undefined ? 'no events' : `events ${oldest} to ${head.sequence}`;
  console.log(`tenant ${tenantId}: ${range}${head.hash && `, head ${head.hash}`}`);
  if (key) console.log(`checkpoints: ${checkpoints.length}, events to ${confirmed} are confirmed`);
  if (key) console.log(`key of the checkpoints: ${formatNoteKey(key)}`);
  else
    console.log('checkpoints: not verified, because there are none in an archive of --checkpoints');
  if (expected !== undefined)
    console.log(`events to ${expected} are in a recent checkpoint, and not in the archive yet`);
  for (const { first, head: end } of lost)
    console.log(
      `restored: events ${first} to ${end.sequence} are lost, as event ${end.sequence + 1} reports`,
    );
  for (const problem of problems) console.log(formatProblem(problem));
  console.log(problems.length === 0 ? 'No damage found.' : `Damage found: ${problems.length}`);
  return problems.length === 0 ? 0 : 1;
}

function formatProblem({ kind, first, last, detail }: Problem): string {
  if (first === undefined) return `${kind}: ${detail}`;
  const range = first === last ? `event ${first}` : `events ${first} to ${last}`;
  return `${kind}: ${range}: ${detail}`;
}
