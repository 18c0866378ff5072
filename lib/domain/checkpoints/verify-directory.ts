import { digestValues } from '../feed/digest.ts';
import type { FeedEvent, ResourceType } from '../feed/feed-event.ts';
import type { ChangeRecord } from '../kernel/change-record.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Problem } from './chain.ts';

/** Versioned resource of a tenant. */
export interface ResourceRef {
  readonly type: ResourceType;
  readonly id: string;
}

/** Change record. An erasure removes its salt and its values. */
export type StoredRecord = Pick<ChangeRecord, 'requestId'> &
  Partial<Pick<ChangeRecord, 'before' | 'omitted' | 'after'>> & {
    readonly salt?: string | undefined;
  };

/** Versions of a resource: of its last event, and of the resource itself. */
export interface StoredVersions {
  /** 0 without an event. */
  readonly numbered: number;
  readonly current: number | undefined;
}

/** Reads what the feed describes. Results are in the order of the references. */
export interface DirectoryEvidence {
  getRecords(
    tenantId: Uuid,
    refs: readonly (ResourceRef & { readonly version: number })[],
  ): Promise<readonly (StoredRecord | undefined)[]>;
  /** Gets the records of changes of memberships. */
  getMembershipRecords(
    tenantId: Uuid,
    events: readonly FeedEvent[],
  ): Promise<readonly (StoredRecord | undefined)[]>;
  getVersions(tenantId: Uuid, refs: readonly ResourceRef[]): Promise<readonly StoredVersions[]>;
}

/** Events after which a resource can be missing. */
const removals: readonly string[] = [
  'tenant.erased',
  'user.erased',
  'group.deleted',
  'role.deleted',
  'domain.deleted',
  'webhook.deleted',
  'connection.deleted',
];

interface Resource extends ResourceRef {
  version: number;
  isRemoved: boolean;
  /** Records that do not match. An erasure explains missing ones. */
  readonly records: Problem[];
}

/** Compares events with the directory: change records, numbered versions and resources. */
export function createDirectoryVerifier(tenantId: Uuid, evidence: DirectoryEvidence) {
  const resources = new Map<string, Resource>();
  /** Records of memberships that do not match, by the member. */
  const membershipRecords = new Map<string, Problem[]>();
  const toKey = ({ type, id }: ResourceRef): string => `${type} ${id}`;

  const find = ({ type, id }: ResourceRef): Resource => {
    const key = toKey({ type, id });
    const resource = resources.get(key) ?? { type, id, version: 0, isRemoved: false, records: [] };
    resources.set(key, resource);
    return resource;
  };

  const addMemberships = async (events: readonly FeedEvent[]): Promise<void> => {
    const records = await evidence.getMembershipRecords(tenantId, events);
    for (const [index, event] of events.entries()) {
      if (!event.member) continue;
      const key = toKey(event.member);
      const name = `${key} in ${toKey(event.resource)}`;
      const problems = compareRecord({ event, name }, records[index]);
      membershipRecords.set(key, [...(membershipRecords.get(key) ?? []), ...problems]);
    }
  };

  return {
    /** Compares events with their change records. */
    async add(events: readonly FeedEvent[]): Promise<void> {
      const changes = events.flatMap((event) => {
        const { type, id, version } = event.resource;
        return version === undefined || event.member ? [] : [{ event, type, id, version }];
      });
      for (const { event, version, ...ref } of changes)
        Object.assign(find(ref), { version, isRemoved: removals.includes(event.type) });
      const digested = changes.filter(({ event }) => event.digest !== undefined);
      const records = await evidence.getRecords(tenantId, digested);
      for (const [index, { event, version, ...ref }] of digested.entries()) {
        const name = `${toKey(ref)}, version ${version}`;
        find(ref).records.push(...compareRecord({ event, name }, records[index]));
      }
      await addMemberships(events.filter(({ member, digest }) => member && digest !== undefined));
    },

    /**
     * Compares the last versions with the directory. Records of erased users can be missing.
     * `isAhead` is true if the directory has changes without an event, which can be on its way.
     */
    async compare(): Promise<{ readonly problems: readonly Problem[]; readonly isAhead: boolean }> {
      const all = [...resources.values()];
      if (all.some(({ type, isRemoved }) => type === 'tenant' && isRemoved))
        return { problems: [], isAhead: false };
      const versions = await evidence.getVersions(tenantId, all);
      const problems = all.flatMap((resource, index) => [
        ...(resource.isRemoved ? [] : resource.records),
        ...compareVersions(resource, versions[index] ?? noVersions),
      ]);
      const memberProblems = [...membershipRecords].flatMap(([key, records]) =>
        resources.get(key)?.isRemoved ? [] : records,
      );
      const isAhead = all.some(({ version }, index) => {
        const { numbered, current = 0 } = versions[index] ?? noVersions;
        return Math.max(numbered, current) > version;
      });
      return { problems: [...problems, ...memberProblems], isAhead };
    },
  };
}

const noVersions: StoredVersions = { numbered: 0, current: undefined };

/** Compares an event with its record. The name describes the record. */
function compareRecord(
  { event, name }: { readonly event: FeedEvent; readonly name: string },
  record: StoredRecord | undefined,
): Problem[] {
  const { sequence } = event;
  const report = (detail: string): Problem[] => [
    {
      kind: record ? 'edited' : 'removed',
      first: sequence,
      last: sequence,
      detail: `${name}: ${detail}`,
    },
  ];
  if (record === undefined) return report('its change record is missing');
  if (record.salt === undefined)
    return report('its change record has no values, and nothing erased them');
  if (record.requestId !== event.requestId)
    return report('its change record is of another request');
  return digestValues(record.salt, record) === event.digest
    ? []
    : report('the values of its change record do not match the digest');
}

function compareVersions(
  { type, id, version, isRemoved }: Resource,
  { numbered, current }: StoredVersions,
): Problem[] {
  const report = (detail: string): Problem[] => [
    { kind: 'directory', detail: `${type} ${id}: ${detail}` },
  ];
  if (numbered !== version)
    return report(`the numbered version is ${numbered}, and the last event has ${version}`);
  if (current === undefined)
    return isRemoved ? [] : report('it is missing, and no event removed it');
  if (current < version) return report(`it has version ${current}, and its last event ${version}`);
  return current > version
    ? report(`version ${current} is not numbered; run npm run events:reconcile`)
    : [];
}
