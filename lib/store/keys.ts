import { formatSequence } from '../domain/feed/feed-event.ts';
import type { NumberedEntity } from '../domain/feed/recorded-change.ts';
import type { MemberRef } from '../domain/groups/group.ts';
import type { Recipient } from '../domain/mail/pending-mail.ts';
import type {
  WebhookNoticeKey,
  WebhookNoticeKind,
} from '../domain/webhooks/delivery/webhook-notice.ts';

/**
 * Keys of both tables. `TENANT#<tenantId>` starts every key that holds tenant data. Literals are
 * upper case, variables lower case or canonical, so kinds never share a prefix.
 * `docs/architecture.md` lists all items.
 */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** Sorts numerically as text. */
const padVersion = (version: number): string => String(version).padStart(10, '0');
export const changePrefix = 'CHANGE#';
const changeKey = (version: number): string => `${changePrefix}${padVersion(version)}`;

/** Kind and ID of a member of a group, as in the keys of its own items. */
export interface MemberKey {
  readonly kind: 'USER' | 'APPCLIENT' | 'GROUP';
  readonly id: string;
}

export const memberKinds = {
  user: 'USER',
  appClient: 'APPCLIENT',
  group: 'GROUP',
} as const satisfies Record<MemberRef['kind'], MemberKey['kind']>;

export const toMemberKey = ({ kind, id }: MemberRef): MemberKey => ({
  kind: memberKinds[kind],
  id,
});

export const groupRolesPrefix = 'ROLES#GROUP#';
const jobPrefix = 'ROLES#JOB#';
const memberPrefix = 'MEMBER#';
const membershipPrefix = 'MEMBEROF#';
export const membershipChangePrefix = 'GROUPCHANGE#';
export const activityPrefix = 'ACTIVITY#';
export const segmentPrefix = 'SEGMENT#';

const deliveryLogPrefix = 'DELIVERY#';

/**
 * IDs are UUIDs in lower case, `email`, `userName` and the name of a domain canonical, hashes and
 * MACs hexadecimal.
 */
export const keys = {
  tenant: (tenantId: string): Key => ({ pk: `TENANT#${tenantId}`, sk: 'TENANT' }),
  role: (tenantId: string, slug: string): Key => ({ pk: `TENANT#${tenantId}`, sk: `ROLE#${slug}` }),
  appClient: (tenantId: string, id: string): Key => ({
    pk: `TENANT#${tenantId}`,
    sk: `APPCLIENT#${id}`,
  }),
  /** Sorts between the roles and the tenant, so one query reads all of them. */
  groupRoles: (tenantId: string, groupId: string): Key => ({
    pk: `TENANT#${tenantId}`,
    sk: `${groupRolesPrefix}${groupId}`,
  }),

  /** Sorts before the range of roles and tenant. */
  connection: (tenantId: string, connectionId: string): Key => ({
    pk: `TENANT#${tenantId}`,
    sk: `CONNECTION#${connectionId}`,
  }),

  /** Request of a connection. `position` is its time in ISO 8601, with the ID of the request. */
  connectionLog: (tenantId: string, connectionId: string, position: string): Key => ({
    pk: `TENANT#${tenantId}#CONNECTION#${connectionId}`,
    sk: `LOG#${position}`,
  }),

  group: (tenantId: string, groupId: string): Key => ({
    pk: `TENANT#${tenantId}#GROUPS`,
    sk: `GROUP#${groupId}`,
  }),
  /** Sorts between the roles and the tenant, so one query reads all of them. */
  memberJob: (tenantId: string, groupId: string, sequence: number): Key => ({
    pk: `TENANT#${tenantId}`,
    sk: `${jobPrefix}${groupId}#${padVersion(sequence)}`,
  }),
  /** IDs of users that a job adds and removes. */
  memberJobPart: (tenantId: string, jobId: string, part: number): Key => ({
    pk: `TENANT#${tenantId}`,
    sk: `JOBPART#${jobId}#${part}`,
  }),
  /** `name` is canonical. */
  groupNameClaim: (tenantId: string, name: string): Key => ({
    pk: `TENANT#${tenantId}#GROUPS`,
    sk: `NAME#${name}`,
  }),
  groupExternalIdClaim: (tenantId: string, hash: string): Key => ({
    pk: `TENANT#${tenantId}#GROUPS`,
    sk: `EXTERNALID#${hash}`,
  }),
  /** Name of a group token, unique in the tenant. `name` is canonical. */
  groupTokenClaim: (tenantId: string, name: string): Key => ({
    pk: `TENANT#${tenantId}#GROUPS`,
    sk: `TOKEN#${name}`,
  }),
  /** Reference to a managed group. `hash` is of the ID in the identity provider. */
  groupScimIdReference: (
    tenantId: string,
    { connectionId, hash, groupId }: { connectionId: string; hash: string; groupId: string },
  ): Key => ({
    pk: `TENANT#${tenantId}#GROUPS`,
    sk: `SCIMGROUP#${connectionId}#${hash}#${groupId}`,
  }),
  /** Reference to a managed group. `hash` is of the canonical display name. */
  groupScimNameReference: (
    tenantId: string,
    { connectionId, hash, groupId }: { connectionId: string; hash: string; groupId: string },
  ): Key => ({
    pk: `TENANT#${tenantId}#GROUPS`,
    sk: `SCIMNAME#${connectionId}#${hash}#${groupId}`,
  }),
  groupCount: (tenantId: string): Key => ({ pk: `TENANT#${tenantId}#GROUPS`, sk: 'COUNT' }),
  /** Changes with each membership of a group in a group, so two changes cannot close a cycle. */
  groupNesting: (tenantId: string): Key => ({ pk: `TENANT#${tenantId}#GROUPS`, sk: 'NESTING' }),
  groupChange: (tenantId: string, groupId: string, version: number): Key => ({
    pk: `TENANT#${tenantId}#GROUP#${groupId}`,
    sk: changeKey(version),
  }),
  /** Member of a group. The key of the member's own collection has the other direction. */
  groupMember: (tenantId: string, groupId: string, member: MemberKey): Key => ({
    pk: `TENANT#${tenantId}#GROUP#${groupId}`,
    sk: `${memberPrefix}${member.kind}#${member.id}`,
  }),
  groupMemberCount: (tenantId: string, groupId: string): Key => ({
    pk: `TENANT#${tenantId}#GROUP#${groupId}`,
    sk: 'COUNT',
  }),
  /** Version of the members of a managed group. */
  groupMembersVersion: (tenantId: string, groupId: string): Key => ({
    pk: `TENANT#${tenantId}#GROUP#${groupId}`,
    sk: 'MEMBERS',
  }),
  /** Group of a user, app client or group, in the collection of the member. */
  membership: (tenantId: string, groupId: string, member: MemberKey): Key => ({
    pk: `TENANT#${tenantId}#${member.kind}#${member.id}`,
    sk: `${membershipPrefix}${groupId}`,
  }),
  /**
   * Change of a membership, in the collection of the member. `time` is ISO 8601, `id` distinguishes
   * changes in one millisecond.
   */
  membershipChange: (
    tenantId: string,
    member: MemberKey,
    { time, id }: { readonly time: string; readonly id: string },
  ): Key => ({
    pk: `TENANT#${tenantId}#${member.kind}#${member.id}`,
    sk: `${membershipChangePrefix}${time}#${id}`,
  }),
  /** Contains only the image, so the public function that serves it can read nothing else. */
  logo: (tenantId: string): Key => ({ pk: `TENANT#${tenantId}#BRANDING`, sk: 'LOGO' }),
  roleCount: (tenantId: string): Key => ({ pk: `TENANT#${tenantId}#ROLES`, sk: 'COUNT' }),
  slugClaim: (slug: string): Key => ({ pk: `SLUG#${slug}`, sk: 'CLAIM' }),
  /** One partition lists all tenants by slug, because tenants are few. */
  tenantListEntry: (slug: string): Key => ({ pk: 'TENANTS', sk: `SLUG#${slug}` }),
  deletedTenantEntry: (slug: string): Key => ({ pk: 'TENANTS', sk: `DELETED#${slug}` }),
  clientIdClaim: (clientId: string): Key => ({ pk: `CLIENT#${clientId}`, sk: 'CLAIM' }),
  domain: (tenantId: string, name: string): Key => ({
    pk: `TENANT#${tenantId}#DOMAINS`,
    sk: `DOMAIN#${name}`,
  }),
  /** Record of a removed domain, which leads to its change records. */
  removedDomain: (tenantId: string, domainId: string): Key => ({
    pk: `TENANT#${tenantId}#DOMAINS`,
    sk: `REMOVED#${domainId}`,
  }),
  domainCount: (tenantId: string): Key => ({ pk: `TENANT#${tenantId}#DOMAINS`, sk: 'COUNT' }),
  /** One partition lists all verified domains by name, because they are few. */
  domainClaim: (name: string): Key => ({ pk: 'DOMAINS', sk: `DOMAIN#${name}` }),
  /** An item of its own, because using an app client does not change it. */
  appClientLastUse: (tenantId: string, id: string): Key => ({
    pk: `TENANT#${tenantId}#APPCLIENT#${id}`,
    sk: 'USE',
  }),

  tenantChange: (tenantId: string, version: number): Key => ({
    pk: `TENANT#${tenantId}#TENANT`,
    sk: changeKey(version),
  }),
  roleChange: (tenantId: string, slug: string, version: number): Key => ({
    pk: `TENANT#${tenantId}#ROLE#${slug}`,
    sk: changeKey(version),
  }),
  domainChange: (tenantId: string, domainId: string, version: number): Key => ({
    pk: `TENANT#${tenantId}#DOMAIN#${domainId}`,
    sk: changeKey(version),
  }),
  appClientChange: (tenantId: string, id: string, version: number): Key => ({
    pk: `TENANT#${tenantId}#APPCLIENT#${id}`,
    sk: changeKey(version),
  }),

  user: (tenantId: string, userId: string): Key => ({
    pk: `TENANT#${tenantId}#USER#${userId}`,
    sk: 'USER',
  }),
  /** Latest sign-in. Sorts right after the user, so one query reads both. */
  lastSignIn: (tenantId: string, userId: string): Key => ({
    pk: `TENANT#${tenantId}#USER#${userId}`,
    sk: 'USER#SIGNIN',
  }),
  avatar: (tenantId: string, userId: string): Key => ({
    pk: `TENANT#${tenantId}#USER#${userId}`,
    sk: 'AVATAR',
  }),
  userChange: (tenantId: string, userId: string, version: number): Key => ({
    pk: `TENANT#${tenantId}#USER#${userId}`,
    sk: changeKey(version),
  }),
  /** Contains only IDs, and outlives the user. `time` is ISO 8601. */
  erasure: (tenantId: string, time: string, userId: string): Key => ({
    pk: `TENANT#${tenantId}#ERASURES`,
    sk: `TIME#${time}#${userId}`,
  }),
  delivery: (tenantId: string, userId: string): Key => ({
    pk: `TENANT#${tenantId}#USER#${userId}`,
    sk: 'INVITATION',
  }),
  /** Sorts between the roles and the tenant, so one query reads all of them. */
  mailHold: (tenantId: string): Key => ({ pk: `TENANT#${tenantId}`, sk: 'SENDING' }),
  /** `hash` is of the canonical email, which may belong to no user. */
  passwordReset: (tenantId: string, hash: string): Key => ({
    pk: `TENANT#${tenantId}#RESET#${hash}`,
    sk: 'RESET',
  }),
  accountNotice: (tenantId: string, userId: string, version: number): Key => ({
    pk: `TENANT#${tenantId}#USER#${userId}`,
    sk: `${noticePrefix}${padVersion(version)}`,
  }),
  attemptCounter: (id: string, window: number): Key => ({
    pk: `ATTEMPTS#${id}`,
    sk: `WINDOW#${window}`,
  }),
  requestCounter: (tenantId: string, windowEndMs: number): Key => ({
    pk: `TENANT#${tenantId}#REQUESTS`,
    sk: `UNTIL#${windowEndMs}`,
  }),
  idempotencyRecord: (tenantId: string, id: string): Key => ({
    pk: `TENANT#${tenantId}#ANSWER#${id}`,
    sk: 'ANSWER',
  }),
  /** In the secrets table. */
  userSecret: (tenantId: string, userId: string): Key => ({
    pk: `TENANT#${tenantId}#USER#${userId}`,
    sk: 'SECRET',
  }),

  /** In the secrets table. */
  appClientSecret: (tenantId: string, id: string, secretId: string): Key => ({
    pk: `TENANT#${tenantId}#APPCLIENT#${id}`,
    sk: `SECRET#${secretId}`,
  }),

  /** In the secrets table. */
  deploymentKey: { pk: 'DEPLOYMENT', sk: 'KEY' } as Key,

  // Claims have their own partition, so a function that writes them cannot write roles.
  emailClaim: (tenantId: string, email: string): Key => ({
    pk: `TENANT#${tenantId}#USERS`,
    sk: `EMAIL#${email}`,
  }),
  identityClaim: (tenantId: string, hash: string): Key => ({
    pk: `TENANT#${tenantId}#USERS`,
    sk: `IDENTITY#${hash}`,
  }),
  externalIdClaim: (tenantId: string, hash: string): Key => ({
    pk: `TENANT#${tenantId}#USERS`,
    sk: `EXTERNALID#${hash}`,
  }),
  formerIdentity: (tenantId: string, hash: string): Key => ({
    pk: `TENANT#${tenantId}#IDENTITY#${hash}`,
    sk: 'FORMER',
  }),
  userNameClaim: (tenantId: string, userName: string): Key => ({
    pk: `TENANT#${tenantId}#USERS`,
    sk: `USERNAME#${userName}`,
  }),
  /** Entry of the list of deleted users. `position` is `<email>#<user ID>`. */
  deletedUser: (tenantId: string, position: string): Key => ({
    pk: `TENANT#${tenantId}#USERS`,
    sk: `DELETED#${position}`,
  }),
  /** Entry of the list of pending requests for a level. */
  accessRequest: (tenantId: string, userId: string): Key => ({
    pk: `TENANT#${tenantId}#USERS`,
    sk: `ACCESSREQUEST#${userId}`,
  }),
  /** Reference to a managed user. `hash` is of the ID in the identity provider. */
  scimIdReference: (
    tenantId: string,
    { connectionId, hash, userId }: { connectionId: string; hash: string; userId: string },
  ): Key => ({
    pk: `TENANT#${tenantId}#USERS`,
    sk: `SCIMID#${connectionId}#${hash}#${userId}`,
  }),
  /** Reference to a user with an email that is not claimed. `email` is canonical, or a hash. */
  mailReference: (tenantId: string, email: string, userId: string): Key => ({
    pk: `TENANT#${tenantId}#USERS`,
    sk: `MAILREF#${email}#${userId}`,
  }),
  /** Progress of a destination of the feed: `bus`, `archive` or the ID of a webhook. */
  sink: (tenantId: string, sinkId: string): Key => ({
    pk: `TENANT#${tenantId}#SINK#${sinkId}`,
    sk: 'SINK',
  }),
  /** Segment of the feed, by the number of its first event. */
  feedSegment: (tenantId: string, first: number): Key => ({
    pk: `TENANT#${tenantId}#FEED`,
    sk: `${segmentPrefix}${formatSequence(first)}`,
  }),
  /** Saved head of the feed, for tenants whose segments have all expired. Sorts before them. */
  feedAnchor: (tenantId: string): Key => ({ pk: `TENANT#${tenantId}#FEED`, sk: 'ANCHOR' }),
  /** Version of an entity up to which the feed has its changes. Outlives the entity. */
  numberedVersion: (
    tenantId: string,
    kind: Uppercase<NumberedEntity['kind']>,
    id: string,
  ): Key => ({
    pk: `TENANT#${tenantId}#NUMBERED#${kind}#${id}`,
    sk: 'VERSION',
  }),
  /** Sign-in of a user. `position` is its time in ISO 8601, with an ID. */
  userActivity: (tenantId: string, userId: string, position = ''): Key => ({
    pk: `TENANT#${tenantId}#USERACTIVITY#${userId}`,
    sk: `${activityPrefix}${position}`,
  }),
  /** Other activity of a tenant. `window` also identifies the events that are counted in it. */
  tenantActivity: (tenantId: string, window: string): Key => ({
    pk: `TENANT#${tenantId}#ACTIVITY`,
    sk: `${activityPrefix}${window}`,
  }),
  /** Counts the same in an unknown tenant, without an event. */
  unknownTenantActivity: (window: string): Key => ({
    pk: 'TENANT#00000000-0000-4000-8000-000000000000#ACTIVITY',
    sk: `UNKNOWN#${window}`,
  }),
  systemEmailClaim: (email: string): Key => ({ pk: `SYSTEM#EMAIL#${email}`, sk: 'CLAIM' }),
  systemUserNameClaim: (userName: string): Key => ({
    pk: `SYSTEM#USERNAME#${userName}`,
    sk: 'CLAIM',
  }),
} as const;

/** Counters of mails. Not in `keys`, so the bundles of other functions omit them. */
export const mailCounterKeys = {
  /** `hour` is `2026-01-31T12`, `day` is `2026-01-31`, `hash` is of the canonical email. */
  tenantMailCounter: (tenantId: string, hour: string): Key => ({
    pk: `TENANT#${tenantId}#MAILS`,
    sk: `HOUR#${hour}`,
  }),
  tenantVerificationCounter: (tenantId: string, hour: string): Key => ({
    pk: `TENANT#${tenantId}#MAILS`,
    sk: `VERIFICATIONS#${hour}`,
  }),
  /** Of all tenants. An attribute per tenant ID has the count of the tenant. */
  recipientMailCounter: (hash: string, day: string): Key => ({
    pk: `RECIPIENT#${hash}`,
    sk: `DAY#${day}`,
  }),
  /** Emails about requests for a level. */
  accessRequestMailCounter: (tenantId: string, day: string): Key => ({
    pk: `TENANT#${tenantId}#MAILS`,
    sk: `ACCESSREQUESTS#${day}`,
  }),
  /** Emails about webhooks. */
  webhookMailCounter: (tenantId: string, day: string): Key => ({
    pk: `TENANT#${tenantId}#MAILS`,
    sk: `WEBHOOKS#${day}`,
  }),
  noticeCounter: (tenantId: string, userId: string, day: string): Key => ({
    pk: `TENANT#${tenantId}#NOTICES#${userId}`,
    sk: `DAY#${day}`,
  }),
} as const;

/** Keys of webhooks. Not in `keys`, so the bundles of other functions omit them. */
export const webhookKeys = {
  webhook: (tenantId: string, webhookId: string): Key => ({
    pk: `TENANT#${tenantId}#WEBHOOKS`,
    sk: `WEBHOOK#${webhookId}`,
  }),
  /** Record of a removed webhook, which leads to its change records. */
  removedWebhook: (tenantId: string, webhookId: string): Key => ({
    pk: `TENANT#${tenantId}#WEBHOOKS`,
    sk: `REMOVED#${webhookId}`,
  }),
  webhookCount: (tenantId: string): Key => ({ pk: `TENANT#${tenantId}#WEBHOOKS`, sk: 'COUNT' }),
  /** Number of test events in a minute, such as `2026-01-31T12:00`. */
  webhookTests: (tenantId: string, minute: string): Key => ({
    pk: `TENANT#${tenantId}#WEBHOOKS`,
    sk: `TESTS#${minute}`,
  }),
  /** Attempt to deliver an event. `at` is ISO 8601. */
  webhookDelivery: (
    tenantId: string,
    webhookId: string,
    { at, sequence, eventId }: { at: string; sequence: number; eventId: string },
  ): Key => ({
    pk: `TENANT#${tenantId}#WEBHOOK#${webhookId}`,
    sk: `${deliveryLogPrefix}${at}#${formatSequence(sequence)}#${eventId}`,
  }),
  webhookChange: (tenantId: string, webhookId: string, version: number): Key => ({
    pk: `TENANT#${tenantId}#WEBHOOK#${webhookId}`,
    sk: changeKey(version),
  }),
  /** Notice to the owner of the tenant. `failingSince` is ISO 8601. */
  webhookNotice: ({ tenantId, webhookId, kind, failingSince }: WebhookNoticeKey): Key => ({
    pk: `TENANT#${tenantId}#WEBHOOK#${webhookId}`,
    sk: `NOTICE#${failingSince}#${kind}`,
  }),
} as const;

/** Keys of SCIM connections. Not in `keys`, so the bundles of other functions omit them. */
export const connectionKeys = {
  /** Record of a deleted connection, which leads to its change records. */
  removedConnection: (tenantId: string, connectionId: string): Key => ({
    pk: `TENANT#${tenantId}`,
    sk: `REMOVEDCONNECTION#${connectionId}`,
  }),
  connectionCount: (tenantId: string): Key => ({ pk: `TENANT#${tenantId}`, sk: 'CONNECTIONS' }),
  /** Pages by index of a SCIM list, whose filter and order have the hash. */
  pageRun: (tenantId: string, connectionId: string, hash: string): Key => ({
    pk: `TENANT#${tenantId}#CONNECTION#${connectionId}`,
    sk: `PAGES#${hash}`,
  }),
  /** Position at which a page starts. */
  pageMark: (
    tenantId: string,
    { connectionId, hash, index }: { connectionId: string; hash: string; index: number },
  ): Key => ({
    pk: `TENANT#${tenantId}#CONNECTION#${connectionId}`,
    sk: `PAGES#${hash}#${padVersion(index)}`,
  }),
  connectionChange: (tenantId: string, connectionId: string, version: number): Key => ({
    pk: `TENANT#${tenantId}#CONNECTION#${connectionId}`,
    sk: changeKey(version),
  }),
  /** Users deprovisioned by a connection in an hour, such as `2026-01-31T12`. */
  brakeCounter: (tenantId: string, connectionId: string, hour: string): Key => ({
    pk: `TENANT#${tenantId}#CONNECTION#${connectionId}`,
    sk: `HOUR#${hour}`,
  }),
  brake: (tenantId: string, connectionId: string): Key => ({
    pk: `TENANT#${tenantId}#CONNECTION#${connectionId}`,
    sk: 'BRAKE',
  }),
} as const;

/** Changes of a user by connections, in the order of their times. Sorts before the memberships. */
export const userConnectionLog = (tenantId: string, userId: string) => ({
  pk: keys.user(tenantId, userId).pk,
  prefix: 'CONNECTIONLOG#',
});

/**
 * Sparse index of due mails. The shard is the first digit of the user ID or email hash. Deleted
 * groups and due sinks have shards of their own.
 */
export const outboxIndex = {
  name: 'outbox',
  partition: 'outboxShard',
  sort: 'dueAt',
  shards: [...'0123456789abcdef'],
} as const;

/** Partition of the outbox index with deleted groups that still have members, by deletion time. */
export const deletedGroupShard = 'GROUPS';

/** Partition of the outbox index with jobs that change members, by the time of their next step. */
export const memberJobShard = 'JOBS';

const noticePrefix = 'NOTICE#';
/** Notices to a user, in the order of the changes. */
export const noticePartition = (tenantId: string, userId: string) => ({
  pk: keys.user(tenantId, userId).pk,
  prefix: noticePrefix,
});

/** Custom roles of a tenant, including deleted ones, in the order of their slugs. */
export const rolePrefix = (tenantId: string) => ({ pk: `TENANT#${tenantId}`, prefix: 'ROLE#' });

/** Domains of a tenant, in the order of their names. */
export const domainPrefix = (tenantId: string) => ({
  pk: keys.domain(tenantId, '').pk,
  prefix: keys.domain(tenantId, '').sk,
});

/** Records of the removed domains of a tenant. */
export const removedDomainPrefix = (tenantId: string) => ({
  pk: keys.removedDomain(tenantId, '').pk,
  prefix: keys.removedDomain(tenantId, '').sk,
});

/** Webhooks of a tenant, in the order of their IDs. */
export const webhookPrefix = (tenantId: string) => ({
  pk: webhookKeys.webhook(tenantId, '').pk,
  prefix: webhookKeys.webhook(tenantId, '').sk,
});

/** Records of the removed webhooks of a tenant. */
export const removedWebhookPrefix = (tenantId: string) => ({
  pk: webhookKeys.removedWebhook(tenantId, '').pk,
  prefix: webhookKeys.removedWebhook(tenantId, '').sk,
});

/** SCIM connections of a tenant, in the order of their IDs. */
export const connectionPrefix = (tenantId: string) => ({
  pk: keys.connection(tenantId, '').pk,
  prefix: keys.connection(tenantId, '').sk,
});

/** Records of the deleted SCIM connections of a tenant. */
export const removedConnectionPrefix = (tenantId: string) => ({
  pk: connectionKeys.removedConnection(tenantId, '').pk,
  prefix: connectionKeys.removedConnection(tenantId, '').sk,
});

/** Attempts to deliver events to a webhook, in the order of their times. */
export const deliveryPrefix = (tenantId: string, webhookId: string) => ({
  pk: webhookKeys.webhookChange(tenantId, webhookId, 0).pk,
  prefix: deliveryLogPrefix,
});

/** App clients of a tenant, including revoked ones. */
export const appClientPrefix = (tenantId: string) => ({
  pk: keys.appClient(tenantId, '').pk,
  prefix: keys.appClient(tenantId, '').sk,
});

/** Groups of a tenant, including deleted ones. */
export const groupPrefix = (tenantId: string) => ({
  pk: keys.group(tenantId, '').pk,
  prefix: keys.group(tenantId, '').sk,
});

/** Verified domains of all tenants, in the order of their names. */
export const domainClaimPrefix = {
  pk: keys.domainClaim('').pk,
  prefix: keys.domainClaim('').sk,
} as const;

/** Erasure records of a tenant, in the order of their times. */
export const erasurePartition = (tenantId: string) => ({
  pk: `TENANT#${tenantId}#ERASURES`,
  prefix: 'TIME#',
});

/** Claims of group names of a tenant, in the order of the canonical names. */
export const groupNames = (tenantId: string) => ({
  pk: keys.groupNameClaim(tenantId, '').pk,
  prefix: 'NAME#',
});

/** Members of a group: app clients, groups, users. */
export const groupMembers = (tenantId: string, groupId: string, kind?: MemberKey['kind']) => ({
  pk: keys.groupChange(tenantId, groupId, 0).pk,
  prefix: kind === undefined ? memberPrefix : `${memberPrefix}${kind}#`,
});

/** Parses the ID of a user in the sort key of a member. Empty for members of other kinds. */
export const parseMemberSortKey = (sk: string): string =>
  sk.startsWith(`${memberPrefix}USER#`) ? sk.slice(`${memberPrefix}USER#`.length) : '';

/** True for the key of a change record. */
export const isRecordKey = ({ sk }: Key): boolean =>
  sk.startsWith(changePrefix) || sk.startsWith(membershipChangePrefix);

/** Groups of a member. */
export const memberships = (tenantId: string, member: MemberKey) => ({
  pk: keys.membership(tenantId, '', member).pk,
  prefix: membershipPrefix,
});

/** Sign-ins of a user at a time, which is ISO 8601. */
export const signInsAt = (tenantId: string, userId: string, time: string) => {
  const { pk, sk } = keys.userActivity(tenantId, userId, `${time}#`);
  return { pk, prefix: sk };
};

/** Changes of the memberships of a member at a time, which is ISO 8601. */
export const membershipChangesAt = (tenantId: string, member: MemberKey, time: string) => ({
  pk: keys.membership(tenantId, '', member).pk,
  prefix: `${membershipChangePrefix}${time}#`,
});

/** Parses the group ID in the key of a membership. Undefined for every other key. */
export const parseMembershipKey = ({ sk }: Key): string | undefined =>
  sk.startsWith(membershipPrefix) ? sk.slice(membershipPrefix.length) : undefined;

/** Range of a user's memberships, account notices, user item and latest sign-in. */
export const userRange = (tenantId: string, userId: string) => ({
  pk: keys.user(tenantId, userId).pk,
  from: membershipPrefix,
  to: keys.lastSignIn(tenantId, userId).sk,
});

/** User item and latest sign-in. */
export const userPrefix = (tenantId: string, userId: string) => {
  const { pk, sk } = keys.user(tenantId, userId);
  return { pk, prefix: sk };
};

/** Jobs that change members of one group, or of all groups, in their order. */
export const memberJobs = (tenantId: string, groupId?: string) => ({
  pk: `TENANT#${tenantId}`,
  prefix: groupId === undefined ? jobPrefix : `${jobPrefix}${groupId}#`,
});

/** Range of a tenant's roles, group roles, jobs, mail hold and tenant item. */
export const tenantRange = (tenantId: string) => ({
  pk: `TENANT#${tenantId}`,
  from: 'ROLE#',
  to: 'TENANT',
});

/** Parses the key of a group. */
export function parseGroupKey({ pk, sk }: Key): { tenantId: string; groupId: string } {
  const [, tenantId, groupId] = /^TENANT#([^#]+)#GROUPS GROUP#([^#]+)$/.exec(`${pk} ${sk}`) ?? [];
  if (tenantId === undefined || groupId === undefined) throw new Error(`No key of a group: ${sk}`);
  return { tenantId, groupId };
}

/** Parses the key of a job that changes members. */
export function parseMemberJobKey({ pk, sk }: Key) {
  const [, tenantId, groupId, sequence] =
    /^TENANT#([^#]+) ROLES#JOB#([^#]+)#(\d+)$/.exec(`${pk} ${sk}`) ?? [];
  if (tenantId === undefined || groupId === undefined)
    throw new Error(`No key of a job of members: ${sk}`);
  return { tenantId, groupId, sequence: Number(sequence) };
}

/** Parses the key of a sink. */
export function parseSinkKey({ pk }: Key): { tenantId: string; sinkId: string } {
  const [, tenantId, sinkId] = /^TENANT#([^#]+)#SINK#([^#]+)$/.exec(pk) ?? [];
  if (tenantId === undefined || sinkId === undefined) throw new Error(`No key of a sink: ${pk}`);
  return { tenantId, sinkId };
}

/** Parses the key of an item that can have a due mail. Undefined for every other key. */
export function parseMailKey({ pk, sk }: Key): Recipient | undefined {
  const [, tenantId, kind, id] = /^TENANT#([^#]+)#(USER|RESET|WEBHOOK)#([^#]+)$/.exec(pk) ?? [];
  if (tenantId === undefined || id === undefined) return undefined;
  if (kind === 'WEBHOOK') {
    const [, failingSince, notice] = /^NOTICE#([^#]+)#(failing|disabled)$/.exec(sk) ?? [];
    return failingSince === undefined
      ? undefined
      : { tenantId, webhookId: id, kind: notice as WebhookNoticeKind, failingSince };
  }
  if (kind === 'RESET') return sk === 'RESET' ? { tenantId, emailHash: id } : undefined;
  if (sk === 'USER') return { tenantId, userId: id };
  const [, version] = /^NOTICE#(\d+)$/.exec(sk) ?? [];
  return version === undefined
    ? undefined
    : { tenantId, noticeUserId: id, version: Number(version) };
}
