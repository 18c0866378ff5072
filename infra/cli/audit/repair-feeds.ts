/** Repair of feeds that a restore of the directory cut behind the archive. */
import { hashTenant } from '../../../lib/domain/checkpoints/checkpoint.ts';
import type { ArchiveReader } from '../../../lib/domain/checkpoints/checkpoint-archive.ts';
import { reportLostEvents } from '../../../lib/domain/checkpoints/report-lost-events.ts';
import type { NumberingDependencies } from '../../../lib/domain/feed/number-changes.ts';
import type { Tables } from '../../../lib/store/dynamodb/tables.ts';
import { createTenantList } from '../../../lib/store/tenants/tenant-list.ts';
import { readArchivedHead } from './archive-source.ts';
import { readCheckpoints } from './verify-tenant.ts';

/** Time to write one event. */
const timeoutMs = 60_000;

/**
 * Reports the lost events of each feed that ends before its head in the archive. Prints these feeds
 * and returns their number. With `isDryRun`, it writes nothing.
 */
export async function repairFeeds(
  archive: ArchiveReader,
  {
    tables,
    isDryRun,
    deps,
  }: {
    readonly tables: Tables;
    readonly isDryRun: boolean;
    readonly deps: NumberingDependencies;
  },
): Promise<number> {
  const { checkpoints, problems } = await readCheckpoints(archive, undefined);
  if (problems[0]) throw new Error(`The checkpoints are damaged: ${problems[0].detail}`);
  let cutFeeds = 0;
  for await (const { tenantId, erasedAt } of createTenantList(tables).listAll()) {
    if (erasedAt !== undefined) continue;
    const heads = [
      checkpoints.at(-1)?.leaves.get(hashTenant(tenantId)),
      await readArchivedHead(archive, tenantId),
    ].filter((head) => head !== undefined);
    const [latest] = heads.toSorted((a, b) => b.sequence - a.sequence);
    if (!latest) continue;
    const lostHead = { sequence: latest.sequence, hash: latest.hash };
    const deadline = Date.now() + timeoutMs;
    const end = await deps.feed.getEnd(tenantId);
    if (end.sequence >= lostHead.sequence) continue;
    if (!isDryRun) await reportLostEvents({ tenantId, lostHead, deadline }, deps);
    cutFeeds++;
    console.log(
      `tenant ${tenantId}: events ${end.sequence + 1} to ${lostHead.sequence} are lost${isDryRun ? '' : `, as event ${lostHead.sequence + 1} reports`}`,
    );
  }
  return cutFeeds;
}
