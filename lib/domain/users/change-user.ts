import { isDeepStrictEqual } from 'node:util';
import type { RequestContext } from '../access/request-context.ts';
import type { IfMatch } from '../access/change-entity.ts';
import { isSameAddress } from '../kernel/canonical.ts';
import { Failure } from '../kernel/failure.ts';
import { findMissing } from '../access/missing-permissions.ts';
import { diffAccountDetails } from '../account-notices/account-notice.ts';
import type { PolicyContexts } from '../access/policy.ts';
import { collectPreviousValues } from '../kernel/previous-values.ts';
import { collectPermissions } from '../roles/role.ts';
import { countSelfChange } from '../credential-limits/self-change-limit.ts';
import type { ChangeRecord, User, UserRef, UserStore } from './user.ts';

export interface ChangeDependencies {
  readonly users: UserStore;
  readonly now: () => Date;
}

/** What becomes of a user: its fields with their new values (undefined for none), and what lies beside it. */
export interface UserChanges {
  readonly fields: Partial<User>;
  readonly avatar?: string | null | undefined;
  readonly passwordHash?: string | undefined;
}

interface UserChange {
  /** The name of the action in the record. */
  readonly action: string;
  readonly ref: UserRef | undefined;
  /** Tells the versions that the caller would change (`If-Match`); undefined for whichever there is. */
  readonly ifMatch?: IfMatch;
  /** Whether it is the caller's own account. */
  readonly self?: boolean;
  /** True for a change by a mailed or copied link, which each work once: no limit on changes of one's own account applies. */
  readonly byLink?: boolean;
  /** Whether a tombstone is looked for, besides users or in their place. */
  readonly includeDeleted?: 'too' | 'only';
  /** True to write the record of an erasure as well. */
  readonly erases?: boolean;
  /** Makes the changes out of the user as it is, or throws. It may be asked again, when somebody else came first. */
  readonly change: (user: User) => UserChanges | Promise<UserChanges>;
}

/** What the policies are told of what is done to a user that names none of its fields. */
export const noFieldChanges: PolicyContexts['updateUser'] = {
  grantedPermissions: [],
  assignsRoles: false,
  self: false,
  setsPassword: false,
  administratorsSetPasswords: false,
};

/** No such user, or not in this tenant, or not any more: one answer. */
export const userNotFound = (): Failure =>
  new Failure('not_found', 'There is no such user in this tenant');

/**
 * Changes a user that the policies let the caller change, as one transaction with the record of it. Two changes at once
 * never lose one another: the second is made again on what the first left, or fails with `precondition_failed` where the
 * caller said which version it means.
 */
export async function changeUser(
  intent: UserChange,
  context: RequestContext,
  deps: ChangeDependencies,
): Promise<User> {
  const { tenantId, uniqueness } = context.tenant;
  while (deps.now().getTime() < context.deadline) {
    const before = intent.ref && (await deps.users.get(tenantId, intent.ref, true));
    const isWanted =
      before?.status === 'deleted'
        ? intent.includeDeleted !== undefined
        : intent.includeDeleted !== 'only';
    if (!before || !isWanted) throw userNotFound();
    if (!intent.self) assertWithinCallerPermissions(context, before);
    if (intent.ifMatch && !intent.ifMatch(before.version)) throw versionMismatch(before);
    const { fields: named, passwordHash, ...beyond } = await intent.change(before);
    const isSetByOther = intent.self ? undefined : true;
    const password = { mustChangePassword: isSetByOther, isPasswordSetByOther: isSetByOther };
    const fields: Partial<User> = passwordHash === undefined ? named : { ...named, ...password };
    // One that is there already is none that is new.
    const avatar = beyond.avatar === (before.avatar ?? null) ? undefined : beyond.avatar;
    const changed = changedFields(before, fields);
    const beside = [
      ...(avatar === undefined ? [] : ['avatar']),
      ...(passwordHash === undefined ? [] : ['password']),
    ];
    if (changed.length + beside.length === 0) return before;

    const time = deps.now().toISOString();
    const after: User = {
      ...before,
      ...fields,
      ...(invalidatesTokens(before, fields, passwordHash) && {
        tokenGeneration: (before.tokenGeneration ?? 0) + 1,
      }),
      ...(invalidatesResetLinks(before, fields, passwordHash) && {
        resetGeneration: (before.resetGeneration ?? 0) + 1,
      }),
      ...(avatar !== undefined && { avatar: avatar ?? undefined, hasAvatar: avatar !== null }),
      ...(intent.self &&
        !intent.byLink && {
          selfChanges: countSelfChange(
            before,
            passwordHash === undefined ? 'profile' : 'password',
            deps.now(),
          ),
        }),
      version: before.version + 1,
      updatedAt: time,
      updatedBy: context.principal.subject,
    };
    // Never omitted: they tell what an account could do.
    const limits = changed.includes('credentialLimits')
      ? [before, after].map((user) => user.credentialLimits ?? null)
      : [];
    const [limitsBefore, limitsAfter] = limits;
    const others = changed.filter((field) => field !== 'credentialLimits');
    const previous = collectPreviousValues(
      before,
      after,
      others,
      Buffer.byteLength(JSON.stringify(limits)),
    );
    const record: ChangeRecord = {
      version: after.version,
      action: intent.action,
      at: time,
      by: context.principal.subject,
      issuer: context.principal.issuer,
      requestId: context.requestId,
      policies: context.decisions.flatMap(({ policies }) => policies),
      ...previous,
      before: {
        ...previous.before,
        ...(limitsBefore !== undefined && { credentialLimits: limitsBefore }),
        ...Object.fromEntries(beside.map((name) => [name, true])),
      },
      ...(limitsAfter !== undefined && { after: { credentialLimits: limitsAfter } }),
    };
    // Who chooses their first password has just had a mail about it.
    const hasChosenFirst = intent.self && before.status === 'invite_pending';
    const notifyAbout = diffAccountDetails(
      before,
      after,
      passwordHash !== undefined && !hasChosenFirst,
      context.tenant,
    );
    const { deadline } = context;
    const { erases } = intent;
    const outcome = await deps.users.update({
      before,
      after,
      record,
      uniqueness,
      avatar,
      passwordHash,
      notifyAbout,
      erases,
      deadline,
    });
    if (outcome === 'written') return after;
  }
  throw new Failure('unavailable', 'Too many requests are changing this user. Try again.');
}

/** Whoever knew the old password may have signed in by it; and what a suspension has ended does not begin again with its end. */
const invalidatesTokens = (
  { status }: User,
  fields: Partial<User>,
  passwordHash: string | undefined,
): boolean => passwordHash !== undefined || (fields.status ?? status) !== status;

const invalidatesResetLinks = (
  before: User,
  fields: Partial<User>,
  passwordHash: string | undefined,
): boolean =>
  invalidatesTokens(before, fields, passwordHash) ||
  ('email' in fields && fields.email !== undefined && !isSameAddress(before.email, fields.email)) ||
  ('identity' in fields && !isDeepStrictEqual(before.identity, fields.identity));

const changedFields = (before: User, fields: Partial<User>): (keyof User)[] =>
  (Object.keys(fields) as (keyof User)[]).filter(
    (field) => !isDeepStrictEqual(before[field], fields[field]),
  );

const versionMismatch = ({ version }: User): Failure =>
  new Failure('precondition_failed', 'The user was changed in the meantime. Read it again.', {
    details: { version },
  });

/**
 * Whoever could change the e-mail of somebody with more rights could soon sign in as them: nobody changes a user that
 * may do what they may not.
 */
export function assertWithinCallerPermissions(
  { principal, tenant }: RequestContext,
  user: User,
): void {
  if (principal.systemAdministrator) return;
  const theirs = collectPermissions(user.roles, tenant.roles);
  if (theirs.every((permission) => principal.permissions.includes(permission))) return;
  throw new Failure('forbidden', 'This user has permissions that you do not have', {
    notices: ['Nobody can change a user who holds a permission that they do not hold themselves.'],
    missingPermissions: findMissing(theirs, principal.permissions),
  });
}
