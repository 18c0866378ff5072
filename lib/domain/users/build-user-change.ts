import { isDeepStrictEqual } from 'node:util';
import { buildAuditEntry, buildNextVersion, diffFields } from '../access/change-entity.ts';
import type { RequestContext } from '../access/request-context.ts';
import { diffAccountDetails } from '../account-notices/account-notice.ts';
import { countSelfChange } from '../credential-limits/self-change-limit.ts';
import type { ChangeAction } from '../feed/find-event-type.ts';
import { isSameAddress } from '../kernel/canonical.ts';
import { type ChangeRecord, collectPreviousValues } from '../kernel/change-record.ts';
import { findLevel } from '../roles/level.ts';
import type { UserStore } from './user-store.ts';
import type { User } from './user.ts';

/** Changes of a user's fields, avatar and password. Undefined clears a field. */
export interface UserChanges {
  readonly fields: Partial<User>;
  /** Null removes the avatar, undefined keeps it. */
  readonly avatar?: string | null | undefined;
  readonly passwordHash?: string | undefined;
  /** False to send no notice about the change. */
  readonly notifies?: boolean;
  /** True to end the access tokens that Roster issued to the user. */
  readonly endsTokens?: boolean;
}

interface BuildOptions {
  readonly action: ChangeAction<'user'>;
  readonly before: User;
  readonly changes: UserChanges;
  readonly self?: boolean;
  readonly byLink?: boolean;
}

type UserWrite = Omit<
  Parameters<UserStore['update']>[0],
  'uniqueness' | 'erases' | 'idempotencyRecord' | 'deadline'
>;

/** Builds the next version of a user with its change record. Undefined if nothing changes. */
export function buildUserChange(
  { action, before, changes, self, byLink }: BuildOptions,
  context: RequestContext,
  now: () => Date,
): UserWrite | undefined {
  const { passwordHash } = changes;
  const setsPassword = passwordHash !== undefined;
  const isSetByOther = self ? undefined : true;
  const fields: Partial<User> = {
    ...settleAccessRequest(before, changes.fields),
    ...settleVerification(before, changes),
    ...changes.fields,
    ...(setsPassword && {
      mustChangePassword: isSetByOther,
      isPasswordSetByOther: isSetByOther,
      hasNoPassword: undefined,
    }),
  };
  const avatar = changes.avatar === (before.avatar ?? null) ? undefined : changes.avatar;
  const changedFields = diffFields(before, { ...before, ...fields });
  const hiddenFields = [
    ...(avatar === undefined ? [] : ['avatar']),
    ...(setsPassword ? ['password'] : []),
  ];
  if (changedFields.length + hiddenFields.length === 0 && !changes.endsTokens) return undefined;

  const countedKind = findCountedKind(changes, self === true && !byLink);
  const after: User = {
    ...before,
    ...fields,
    ...incrementGenerations(before, fields, { ...changes, setsPassword }),
    ...settleSuspension(before, fields, setsPassword),
    ...(avatar !== undefined && { avatar: avatar ?? undefined, hasAvatar: avatar !== null }),
    ...(countedKind && { selfChanges: countSelfChange(before, countedKind, now()) }),
    ...buildNextVersion(before, context, now()),
  };
  const record = buildRecord({ action, before, after, changedFields, hiddenFields }, context);
  // The invitation mail announced the first password.
  const notifiesAboutPassword = setsPassword && !(self && before.status === 'invite_pending');
  const details = diffAccountDetails(
    { before, after, hasNewPassword: notifiesAboutPassword },
    context.tenant,
  );
  // Notices go to the previous email, except the link that verifies a new one.
  const notifyAbout = details.filter(
    (detail) =>
      changes.notifies !== false && (before.email !== undefined || detail === 'emailVerification'),
  );
  return { before, after, record, avatar, passwordHash, notifyAbout };
}

/** Removes a request for a level once the level changes or the user is deleted. */
function settleAccessRequest(
  before: User,
  { status, roles = before.roles }: Partial<User>,
): Pick<Partial<User>, 'accessRequest'> {
  const isSettled = status === 'deleted' || findLevel(roles) !== findLevel(before.roles);
  return before.accessRequest && isSettled ? { accessRequest: undefined } : {};
}

/**
 * Removes a verification link once the email, identity or status changes. A new password removes
 * the link to a new email, because another person may have requested it with the old one.
 */
function settleVerification(
  before: User,
  { fields, passwordHash }: UserChanges,
): Pick<Partial<User>, 'emailVerification'> {
  if (!before.emailVerification) return {};
  const changes = diffFields(before, { ...before, ...fields });
  const isSettled =
    changes.some((field) => field === 'email' || field === 'identity' || field === 'status') ||
    (passwordHash !== undefined && before.emailVerification.newEmail !== undefined);
  return isSettled ? { emailVerification: undefined } : {};
}

/** Finds the daily limit that a change counts against. */
function findCountedKind({ fields, passwordHash, endsTokens }: UserChanges, isOwn: boolean) {
  const { emailVerification: verification } = fields;
  // Also counts requests by administrators, because all of them send email to one user.
  if (verification && !verification.isUsed) return 'verification';
  // The holder of a stolen token must not prevent the sign-out or deletion by many other changes. A
  // deleted user makes no further changes.
  if (!isOwn || fields.status === 'deleted') return undefined;
  if (endsTokens) return 'signOut';
  if (passwordHash !== undefined) return 'password';
  return fields.accessRequest ? 'accessRequest' : 'profile';
}

/** Remembers what a suspended user returns to: to the invitation, unless a password replaces it. */
function settleSuspension(
  { status: previous, suspendedFrom }: User,
  { status = previous }: Partial<User>,
  setsPassword: boolean,
): Pick<Partial<User>, 'suspendedFrom'> {
  if (status === 'inactive' && previous === 'invite_pending') return { suspendedFrom: previous };
  const isOver = setsPassword || status === 'invite_pending' || status === 'active';
  return suspendedFrom && isOver ? { suspendedFrom: undefined } : {};
}

/** Increments the generations that invalidate earlier access tokens and reset links. */
function incrementGenerations(
  before: User,
  fields: Partial<User>,
  { endsTokens = false, setsPassword }: { endsTokens?: boolean; setsPassword: boolean },
): Pick<Partial<User>, 'tokenGeneration' | 'resetGeneration'> {
  const { status = before.status, email = before.email } = fields;
  const changesSignIn = setsPassword || status !== before.status;
  const changesIdentity =
    'identity' in fields && !isDeepStrictEqual(before.identity, fields.identity);
  const invalidatesResetLinks =
    changesSignIn || changesIdentity || !isSameAddress(before.email, email);
  return {
    ...((changesSignIn || endsTokens) && { tokenGeneration: (before.tokenGeneration ?? 0) + 1 }),
    ...(invalidatesResetLinks && { resetGeneration: (before.resetGeneration ?? 0) + 1 }),
  };
}

const isNewlyVerified = (before: User, { email, emailVerifiedBy }: User): boolean =>
  emailVerifiedBy !== undefined &&
  (emailVerifiedBy !== before.emailVerifiedBy || !isSameAddress(before.email, email));

interface RecordOptions {
  readonly action: ChangeAction<'user'>;
  readonly before: User;
  readonly after: User;
  readonly changedFields: readonly (keyof User)[];
  /** Fields that the record names without their values. */
  readonly hiddenFields: readonly string[];
}

function buildRecord(
  { action, before, after, changedFields, hiddenFields }: RecordOptions,
  context: RequestContext,
): ChangeRecord {
  // Credential limits are never omitted, because they show what an account could do.
  const limits = changedFields.includes('credentialLimits')
    ? [before, after].map((user) => user.credentialLimits ?? null)
    : [];
  const [limitsBefore, limitsAfter] = limits;
  const newValues = {
    ...(limitsAfter !== undefined && { credentialLimits: limitsAfter }),
    ...(isNewlyVerified(before, after) && { emailVerifiedBy: after.emailVerifiedBy }),
  };
  const previous = collectPreviousValues({
    before,
    after,
    fields: changedFields.filter((field) => field !== 'credentialLimits'),
    reservedBytes: Buffer.byteLength(JSON.stringify(limits)),
  });
  return {
    version: after.version,
    action,
    ...buildAuditEntry(context, after.updatedAt ?? after.createdAt),
    ...previous,
    before: {
      ...previous.before,
      ...(limitsBefore !== undefined && { credentialLimits: limitsBefore }),
      ...Object.fromEntries(hiddenFields.map((name) => [name, true])),
    },
    ...(Object.keys(newValues).length > 0 && { after: newValues }),
  };
}
