import type { LogEntry } from '../connections/connection-log.ts';
import type { AccountDetail } from '../account-notices/account-notice.ts';
import type { Delivery } from '../invitations/delivery.ts';
import type { Membership } from '../groups/group.ts';
import type { Actor, AuditEntry, ChangeRecord } from '../kernel/change-record.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { EpochMs, Timestamp } from '../kernel/time.ts';
import type { SignInRecord } from '../sign-in/record-sign-in.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { Identity, ListedUser, User, UserWithGroups, UserWithSignIn } from './user.ts';

/** Reference to one user. An address is an email or a username, which never collide. */
export type UserRef = { readonly userId: Uuid } | IdentifierRef;
export type IdentifierRef =
  | { readonly email: string }
  | { readonly userName: string }
  | { readonly address: string }
  | { readonly externalId: string }
  | { readonly identity: Identity };

/** Audit data of a creation. `createdAt` and `createdBy` of the user complete it. */
export interface CreationRecord extends Pick<AuditEntry, 'requestId' | 'issuer' | 'policies'> {
  /** Absent if it can be inferred from `createdBy` of the user. */
  readonly actor?: Actor | undefined;
  /** Time of the request, if `createdAt` is the time in another system. */
  readonly requestedAt?: Timestamp | undefined;
  /** ID of the idempotency record, if the request had a key. */
  readonly idempotencyId?: string | undefined;
}

/** Response of a creation, stored to replay it for the same idempotency key. */
export interface IdempotencyRecord {
  /** MAC of tenant, caller, route and key. */
  readonly id: string;
  /** MAC of the request body. */
  readonly fingerprint: string;
  /** Response as JSON text. */
  readonly response: string;
  /** End of the idempotency window. */
  readonly expiresAtMs: EpochMs;
}

/** Response to the first request with an idempotency key. */
export type StoredResponse = Pick<IdempotencyRecord, 'fingerprint' | 'response'>;

/** Membership of a user in a group, deleted or not. */
export interface UserMembership
  extends Pick<Membership, 'groupId' | 'status' | 'joinedAt' | 'addedBy'> {
  /** Name of the group. Undefined for a group that no longer exists. */
  readonly name: string | undefined;
}

/** A user with avatar, creation, invitation delivery and a page of changes, oldest first. */
export interface UserHistory {
  readonly user: User;
  /** In the order of the group IDs. */
  readonly memberships: readonly UserMembership[];
  readonly creation: CreationRecord;
  /** Undefined before the first attempt. */
  readonly delivery: Delivery | undefined;
  readonly changes: readonly ChangeRecord[];
  /** Version after which the next page starts. Undefined on the last page. */
  readonly next: number | undefined;
}

/** An entry of a list of users. */
export interface ListEntry {
  /** Canonical email. In the list of deleted users followed by `#` and the user ID. */
  readonly position: string;
  /** Undefined for a username that is an address, and for an email released meanwhile. */
  readonly user: ListedUser | undefined;
}

/** Part of a list of users, in the order of the positions. */
export interface UserListRange {
  /** True for the deleted users, false for all others. */
  readonly isDeleted: boolean;
  /** Prefix of the positions. */
  readonly prefix: string;
}

/** Record of an erasure. It has no other data of the user. */
export interface ErasureRecord extends AuditEntry {
  readonly userId: Uuid;
}

/** Sign-in with its position in the list of the user. */
export interface RecordedSignIn
  extends Pick<SignInRecord, 'at' | 'method' | 'ipAddress' | 'userAgent'> {
  readonly position: string;
}

/** Request of a SCIM connection that changed a user, with its position. */
export interface UserLogEntry extends LogEntry {
  readonly position: string;
}

/** Progress of an erasure at the deadline. */
export interface ErasureProgress {
  readonly isComplete: boolean;
  /** Number of items that this call removed, or stripped of values. */
  readonly removedItems: number;
}

export interface ErasurePage {
  readonly erasures: readonly ErasureRecord[];
  /** Position after which the next page starts. Undefined on the last page. */
  readonly next: string | undefined;
}

/** End of the link between an identity and a user. */
export interface FormerIdentity {
  readonly belongsTo: (user: User) => boolean;
  readonly endedAt: Timestamp;
}

/** Times of the latest sign-ins. */
export interface SignInTimeStore {
  /**
   * Records a sign-in, at most once a minute per user. Writes nothing for a user who is deleted
   * meanwhile, so an erasure leaves no time. Never throws.
   */
  record(user: UserWithSignIn, at: Date): Promise<void>;
}

/** Users of all tenants. Reads are strongly consistent. */
export interface UserStore {
  /**
   * Writes a user and the claims of its identifiers in one transaction. Returns the stored record
   * if `idempotencyRecord` exists, and writes nothing. Throws `user_exists` with the first taken
   * identifier in `details.field`, or `unavailable` if the outcome is unknown at the deadline.
   */
  create(
    user: User,
    options: {
      creation: CreationRecord;
      uniqueness: Tenant['uniqueness'];
      passwordHash?: string | undefined;
      idempotencyRecord?: IdempotencyRecord | undefined;
      deadline: EpochMs;
    },
  ): Promise<StoredResponse | undefined>;
  /**
   * Writes a change, its record and the changed claims in one transaction. Deletion releases the
   * claims. Returns `stale` if the user changed after `before`, or `repeated` if
   * `idempotencyRecord` exists. Throws like `create`.
   */
  update(change: {
    readonly before: User;
    readonly after: User;
    readonly record: ChangeRecord;
    readonly uniqueness: Tenant['uniqueness'];
    /** Null removes the avatar, undefined keeps it. */
    readonly avatar?: string | null | undefined;
    readonly passwordHash?: string | undefined;
    /** Details to notify the user about, at the previous address. Empty for none. */
    readonly notifyAbout: readonly AccountDetail[];
    /** True to write an erasure record as well. */
    readonly erases?: boolean | undefined;
    readonly idempotencyRecord?: IdempotencyRecord | undefined;
    readonly deadline: EpochMs;
  }): Promise<'written' | 'stale' | 'repeated'>;
  /**
   * Removes the items of a tombstone until the deadline, and the tombstone last. Change records stay
   * without values until the event feed has them.
   */
  erase(tenantId: Uuid, userId: Uuid, deadline: EpochMs): Promise<ErasureProgress>;
  /** Lists erasures, newest first. */
  listErasures(
    tenantId: Uuid,
    page: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<ErasurePage>;
  /** Gets the existing users and tombstones of IDs. */
  getAll(tenantId: Uuid, userIds: readonly Uuid[]): Promise<ReadonlyMap<Uuid, User>>;
  /**
   * Finds the last user who no longer has an identity. Stored while an invitation can be pending.
   */
  findFormerIdentity(tenantId: Uuid, identity: Identity): Promise<FormerIdentity | undefined>;
  /** Gets a user or tombstone, with the avatar if `withAvatar`. */
  get(tenantId: Uuid, ref: UserRef, withAvatar: boolean): Promise<User | undefined>;
  /** Gets a user or tombstone with the latest sign-in, in the same request. */
  getWithSignIn(
    tenantId: Uuid,
    ref: UserRef,
    withAvatar: boolean,
  ): Promise<UserWithSignIn | undefined>;
  /**
   * Gets a user with the IDs of their groups, which decisions about the user's permissions need.
   * Also reads an item per group. Without groups if `hasGroups` is false for the user.
   */
  getWithGroups(
    tenantId: Uuid,
    ref: UserRef,
    withAvatar: boolean,
    hasGroups?: (user: User) => boolean,
  ): Promise<UserWithGroups | undefined>;
}

/** Users by values that several users can have. Reads are strongly consistent. */
export interface UserReferences {
  /**
   * Finds users by their ID in the identity provider of a connection, including deleted users. At
   * most 100.
   */
  findByScimId(tenantId: Uuid, connectionId: Uuid, externalId: string): Promise<readonly User[]>;
  /** Finds users with an email, claimed or not. At most 100. */
  findByMailValue(tenantId: Uuid, email: string): Promise<readonly User[]>;
}

/** Users with their changes. Reads are strongly consistent. */
export interface UserHistoryStore {
  /** Lists the sign-ins after a position, oldest first. */
  listSignIns(
    tenantId: Uuid,
    userId: Uuid,
    page: { readonly after: string; readonly limit: number },
  ): Promise<readonly RecordedSignIn[]>;
  /** Lists SCIM requests that changed a user after a position, oldest first. */
  listScimRequests(
    tenantId: Uuid,
    userId: Uuid,
    page: { readonly after: string; readonly limit: number },
  ): Promise<readonly UserLogEntry[]>;
  /**
   * Gets a user or tombstone with the changes after a version, at most 1 MB. The last page includes
   * the change that led to the returned user. Undefined for a user who is being erased.
   */
  get(
    tenantId: Uuid,
    userId: Uuid,
    page: {
      readonly after?: number | undefined;
      readonly limit: number;
      /** True to read the memberships. */
      readonly withMemberships: boolean;
    },
  ): Promise<UserHistory | undefined>;
}

/** Lists of the users of all tenants. Reads are strongly consistent. */
export interface UserLists {
  /**
   * Lists users in the order of their positions. Stops before a user that would exceed
   * `maxReadUnits`. A user whose email changes meanwhile can have two entries.
   */
  list(
    tenantId: Uuid,
    page: UserListRange & {
      readonly isDescending?: boolean;
      /** Position after which the page starts. */
      readonly after?: string | undefined;
      readonly limit: number;
      readonly maxReadUnits: number;
    },
  ): Promise<{
    readonly entries: readonly ListEntry[];
    /** True if further entries can exist. */
    readonly hasMore: boolean;
    /** True if the next user would exceed `maxReadUnits`. */
    readonly isCut: boolean;
    readonly readUnits: number;
  }>;
  /**
   * Lists the IDs of all users, deleted or not, in the order of their positions. Can be empty
   * and still have a next position.
   */
  listIds(
    tenantId: Uuid,
    page: Pick<UserListRange, 'isDeleted'> & {
      readonly isDescending: boolean;
      /** Position after which the page starts. */
      readonly after: string | undefined;
      readonly limit: number;
    },
  ): Promise<{
    readonly entries: readonly {
      readonly position: string;
      readonly userId: Uuid;
      /** Connection that manages the user. */
      readonly connectionId: Uuid | undefined;
    }[];
    /** Position after which the next page starts. Undefined on the last page. */
    readonly next: string | undefined;
  }>;
  /** Counts users up to `max`, or those that a connection manages. */
  count(
    tenantId: Uuid,
    range: UserListRange & { readonly max: number; readonly connectionId?: Uuid | undefined },
  ): Promise<number>;
}
