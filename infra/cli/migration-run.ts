/** Loops of a migration over the pages of the tables, with progress output. */
import type { Tables } from '../../lib/store/dynamodb/tables.ts';
import type { Key } from '../../lib/store/keys.ts';
import { createSchemaUpgrade } from '../../lib/store/schema-upgrade.ts';
import type { EntryDifference } from '../../lib/store/users/entry-differences.ts';
import { createEntryMigration, type MigrationMode } from '../../lib/store/users/entry-migration.ts';
import type { createPosition } from './position.ts';
import type { Pacer } from './pacer.ts';
import { createProgressBar } from './progress-bar.ts';

/** Items per scan. */
const pageLimit = 250;
/** Time for the writes of a page, including retries. */
const pageTimeoutMs = 60_000;
const getDeadline = (): number => Date.now() + pageTimeoutMs;

interface Run {
  readonly tables: Tables;
  readonly pacer: Pacer;
  /** Estimate of DynamoDB. */
  readonly itemCount: number;
  /** Stops after the current page. */
  readonly signal: AbortSignal;
}

/** Upgrades items of version 2. False if it was stopped. */
export async function upgradeItems({ tables, pacer, itemCount, signal }: Run): Promise<boolean> {
  const upgrade = createSchemaUpgrade(tables.client, Date.now);
  const bar = createProgressBar(itemCount * 2);
  const deferredKeys: (readonly [string, Key])[] = [];
  let [scannedItems, upgraded] = [0, 0];
  for (const table of [tables.directory, tables.secrets]) {
    let after: Key | undefined;
    do {
      const position = { after, limit: pageLimit, deadline: getDeadline() };
      const page = await pacer.run(() => upgrade.upgradePage(table, position));
      deferredKeys.push(...page.deferredKeys.map((key) => [table, key] as const));
      after = page.next;
      scannedItems += page.scannedItems;
      upgraded += page.upgraded;
      bar.show(scannedItems, `upgraded items: ${upgraded}`);
      await pacer.wait();
      if (signal.aborted) return false;
    } while (after);
  }
  for (const [table, key] of deferredKeys) await upgrade.upgradeItem(table, key, getDeadline());
  bar.end();
  console.log(`upgraded items: ${upgraded + deferredKeys.length}`);
  return true;
}

/** Counts of a migration up to its position. */
export interface MigrationTotal {
  readonly scannedItems: number;
  readonly users: number;
  readonly rewritten: number;
  readonly differences: number;
}

interface EntryOptions {
  readonly mode: MigrationMode;
  readonly position: ReturnType<typeof createPosition<MigrationTotal>> | undefined;
}

/** Migrates entries from the last position. Undefined if it was stopped. */
export async function migrateEntries(
  { tables, pacer, itemCount, signal }: Run,
  { mode, position }: EntryOptions,
): Promise<MigrationTotal | undefined> {
  const migratePage = createEntryMigration(tables, Date.now);
  const bar = createProgressBar(itemCount);
  const start = position?.read();
  const total = { scannedItems: 0, users: 0, rewritten: 0, differences: 0, ...start?.total };
  let after = start?.after;
  do {
    const page = await pacer.run(() =>
      migratePage({ after, mode, limit: pageLimit, deadline: getDeadline() }),
    );
    after = page.next;
    total.scannedItems += page.scannedItems;
    total.users += page.users;
    total.rewritten += page.rewritten;
    total.differences += page.differences.length;
    if (mode !== 'count') for (const each of page.differences) console.log(formatDifference(each));
    if (after) position?.save({ after, total });
    bar.show(total.scannedItems, formatTotal(total, mode));
    if (after) await pacer.wait();
  } while (after && !signal.aborted);
  bar.end();
  if (after) return undefined;
  position?.remove();
  return total;
}

export function formatTotal(
  { users, rewritten, differences }: MigrationTotal,
  mode: MigrationMode,
): string {
  return mode === 'rewrite'
    ? `users: ${users}, rewritten entries: ${rewritten}, remaining differences: ${differences}`
    : `users: ${users}, differences: ${differences}`;
}

function formatDifference({ tenantId, userId, problem }: EntryDifference): string {
  return `tenant ${tenantId}, user ${userId}: entry ${problem}`;
}
