import type { Uuid } from '../kernel/ids.ts';
import type { FeedWriter } from './feed-writer.ts';
import type { ChangeReader, NumberedEntity, RecordedChange } from './recorded-change.ts';

/** Versions up to which the feed has the changes of entities, by `toEntityKey`. */
export type NumberedVersions = Map<string, number>;

export const toEntityKey = ({ kind, id }: NumberedEntity): string => `${kind}#${id}`;

/** Most records of one entity to read at once. The caller continues after they are numbered. */
const maxMissing = 200;

interface OrderingDependencies {
  readonly feed: Pick<FeedWriter, 'getVersions'>;
  readonly changes: ChangeReader;
}

/**
 * Orders changes for numbering: as they arrived, but each after all earlier changes of its entity.
 * Reads the records that did not arrive, and the versions that `versions` lacks. Omits changes that
 * have a number. A version without a record is passed over, because no later record can appear.
 * Throws `unavailable`.
 */
export async function orderChanges(
  tenantId: Uuid,
  arrived: readonly RecordedChange[],
  versions: NumberedVersions,
  { feed, changes }: OrderingDependencies,
): Promise<readonly RecordedChange[]> {
  const readVersions = async (entities: readonly NumberedEntity[]): Promise<void> => {
    const unknown = entities.filter((entity) => !versions.has(toEntityKey(entity)));
    const unique = [...new Map(unknown.map((entity) => [toEntityKey(entity), entity])).values()];
    if (unique.length === 0) return;
    const numbers = await feed.getVersions(tenantId, unique);
    for (const [index, entity] of unique.entries())
      versions.set(toEntityKey(entity), numbers[index] ?? 0);
  };
  const isOpen = (change: RecordedChange): boolean =>
    change.version > (versions.get(toEntityKey(change)) ?? 0);

  await readVersions(arrived);
  const open = arrived.filter(isOpen);
  const histories = new Map(
    await Promise.all(
      [...Map.groupBy(open, toEntityKey)].map(async ([key, own]) => {
        const history = await completeHistory(tenantId, own, versions.get(key) ?? 0, changes);
        return [key, history] as const;
      }),
    ),
  );
  const memberships = new Map(
    await Promise.all(
      open
        .filter(({ kind }) => kind === 'membership')
        .map(async (change) => {
          const earlier = await changes.readEarlierMemberships(tenantId, change);
          return [toEntityKey(change), earlier] as const;
        }),
    ),
  );
  await readVersions([...memberships.values()].flat());

  const ordered: RecordedChange[] = [];
  const last = new Map(versions);
  for (const change of open) {
    const key = toEntityKey(change);
    const history = histories.get(key) ?? [];
    const upToChange = history.filter(({ version }) => version <= change.version);
    for (const next of [...(memberships.get(key) ?? []), ...upToChange]) {
      const nextKey = toEntityKey(next);
      if (next.version <= (last.get(nextKey) ?? 0)) continue;
      last.set(nextKey, next.version);
      ordered.push(next);
    }
  }
  return ordered;
}

/** Adds the missing changes of an entity after a version, up to the last one that arrived. */
async function completeHistory(
  tenantId: Uuid,
  arrived: readonly RecordedChange[],
  after: number,
  { readVersions }: ChangeReader,
): Promise<readonly RecordedChange[]> {
  const byVersion = new Map(arrived.map((change) => [change.version, change]));
  const before = Math.max(...byVersion.keys());
  const [entity] = arrived;
  if (!entity || byVersion.size === before - after) return sortByVersion(byVersion);
  const missing = await readVersions(tenantId, entity, { after, before, limit: maxMissing });
  for (const change of missing.changes) byVersion.set(change.version, change);
  const history = sortByVersion(byVersion);
  if (missing.isComplete) return history;
  const lastRead = missing.changes.at(-1)?.version ?? after;
  return history.filter(({ version }) => version <= lastRead);
}

const sortByVersion = (changes: ReadonlyMap<number, RecordedChange>): RecordedChange[] =>
  [...changes.values()].toSorted((a, b) => a.version - b.version);
