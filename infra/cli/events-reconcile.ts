/** `npm run events:reconcile`: numbers the changes that the sequencer missed. */
import { join, resolve } from 'node:path';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import {
  findMissedChanges,
  type MissedChanges,
  numberMissedChanges,
} from '../../lib/domain/feed/reconcile.ts';
import { scanChanges } from '../../lib/store/feed/change-scan.ts';
import { createFeedWriter } from '../../lib/store/feed/feed-writer.ts';
import { createChangeReader } from '../../lib/store/feed/recorded-changes.ts';
import { createKeyring } from '../../lib/store/keyring.ts';
import type { Key } from '../../lib/store/keys.ts';
import { openCheckpoints } from './audit/archive-source.ts';
import { repairFeeds } from './audit/repair-feeds.ts';
import {
  type Check,
  connect,
  createCheck,
  readArguments,
  runCommand,
  selectTables,
  tableOptions,
} from './command.ts';
import { createPacer } from './pacer.ts';
import { createPosition } from './position.ts';
import { createProgressBar } from './progress-bar.ts';

const usage = `Usage: npm run events:reconcile -- [--dry-run] [--audit-days N] [--units N] [--state FILE]
                                [--repair [--checkpoints SOURCE]]
                                [--local | --table NAME --secrets-table NAME] [--endpoint URL]

Finds changes without a number in the event feed, such as after the sequencer was off for more than 24 hours, and numbers
them. The sequencer can run at the same time. A stopped run continues when you repeat the command. Lists malformed change
records, which get no event; the exit code is 1 if there is one.

  --dry-run        counts the changes, and writes nothing; the exit code is 1 if there is one
  --repair         first continues feeds that a restore of the directory cut, after their last number in the archive,
                   with an event feed.restored
  --checkpoints    archive for --repair: a folder, or s3://BUCKET; default with --local: that of the local server
  --audit-days     days for which events are retained: auditDays of the configuration; default: 400
  --units          capacity units per second, read and write units together; default: 500
  --state          file with the position of a stopped run; default: .local/reconcile-<table>.json
  --table          directory table: output DirectoryTableName of the stack, or variable DIRECTORY_TABLE
  --secrets-table  secrets table: output SecretsTableName of the stack, or variable SECRETS_TABLE
  --local          uses the tables of the running \`npm start\`; default without a table
  --endpoint       DynamoDB endpoint, or variable AWS_ENDPOINT_URL_DYNAMODB; default: AWS`;

const options = {
  'dry-run': { type: 'boolean', default: false },
  repair: { type: 'boolean', default: false },
  checkpoints: { type: 'string' },
  'audit-days': { type: 'string', default: '400' },
  units: { type: 'string', default: '500' },
  state: { type: 'string' },
  help: { type: 'boolean', default: false },
  ...tableOptions,
} as const;

/** Items per scan. */
const pageLimit = 250;
/** Time to number the changes of a page. */
const pageTimeoutMs = 60_000;

const check: Check = createCheck(usage);

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

await runCommand(reconcile);

/** Returns the exit code: 1 if a change remains without a number or is malformed, or after a stop. */
async function reconcile(): Promise<number> {
  const {
    help,
    'dry-run': isDryRun,
    'audit-days': days,
    units,
    state,
    repair,
    checkpoints,
    ...target
  } = readArguments(options, usage);
  if (help) {
    console.log(usage);
    return 0;
  }
  const auditDays = Number(days);
  check(
    Number.isInteger(auditDays) && auditDays >= 30 && auditDays <= 3650,
    '--audit-days must be a whole number from 30 to 3650.',
  );
  check(/^[1-9]\d{0,5}$/.test(units), '--units must be a whole number from 1 to 999999.');
  const selected = await selectTables(target, check);
  const tables = connect(selected);
  const malformedKeys = new Set<string>();
  const reportMalformed = ({ pk, sk }: Key): void => void malformedKeys.add(`${pk} ${sk}`);
  const deps = {
    feed: createFeedWriter(tables, Date.now),
    changes: createChangeReader(tables, reportMalformed),
    keyring: createKeyring(tables),
    auditDays,
    now: () => new Date(),
  };
  let cutFeeds = 0;
  if (repair) {
    const archive = await openCheckpoints(checkpoints, selected.server !== undefined);
    check(archive !== undefined, '--checkpoints is required with --repair.');
    cutFeeds = await repairFeeds(archive, { tables, isDryRun, deps });
    console.log(`${isDryRun ? 'cut feeds' : 'repaired feeds'}: ${cutFeeds}`);
  }
  const { Table } = await tables.client.send(
    new DescribeTableCommand({ TableName: tables.directory }),
  );
  const pacer = createPacer(Number(units), stop.signal);
  const bar = createProgressBar(Table?.ItemCount ?? 0);
  const file = resolve(state ?? join('.local', `reconcile-${tables.directory}.json`));
  const position = isDryRun ? undefined : createPosition<Total>(file, tables.directory);
  const start = position?.read();
  const total = { scannedItems: 0, missed: 0, ...start?.total };
  let after: Key | undefined = start?.after;
  do {
    const page = await pacer.run(async () => {
      const { changes, ...scanned } = await scanChanges(tables, { after, limit: pageLimit });
      for (const key of scanned.malformedKeys) reportMalformed(key);
      const missed = await findMissedChanges(changes, deps);
      if (!isDryRun) await numberMissedChanges(missed, Date.now() + pageTimeoutMs, deps);
      return { ...scanned, missed };
    });
    for (const each of page.missed) console.log(formatMissed(each));
    total.scannedItems += page.scannedItems;
    total.missed += page.missed.reduce((count, { changes }) => count + changes.length, 0);
    after = page.next;
    if (after) position?.save({ after, total });
    bar.show(total.scannedItems, `changes without a number: ${total.missed}`);
    if (after) await pacer.wait();
  } while (after && !stop.signal.aborted);
  bar.end();
  for (const key of malformedKeys) console.log(`malformed, without an event: ${key}`);
  if (after) {
    console.log(isDryRun ? 'Stopped.' : 'Stopped. Repeat the command to continue.');
    return 1;
  }
  position?.remove();
  console.log(`${isDryRun ? 'changes without a number' : 'numbered changes'}: ${total.missed}`);
  return (isDryRun && total.missed + cutFeeds > 0) || malformedKeys.size > 0 ? 1 : 0;
}

interface Total {
  readonly scannedItems: number;
  readonly missed: number;
}

function formatMissed({ tenantId, changes }: MissedChanges): string {
  const entities = new Set(changes.map(({ kind, id }) => `${kind} ${id}`));
  return `tenant ${tenantId}: ${changes.length} changes of ${[...entities].join(', ')}`;
}
