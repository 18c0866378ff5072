import { isDeepStrictEqual } from 'node:util';
import type { Invitation } from '../../domain/invitations/invitation.ts';
import { needsInvitationMail } from '../../domain/invitations/invite.ts';
import type { User, UserStatus, UserWithGroups } from '../../domain/users/user.ts';
import { toAttributes } from '../dynamodb/items.ts';

/** A user that may have been read with groups and the latest sign-in. */
export type ReadUser = User & Partial<Pick<UserWithGroups, 'groups' | 'lastSignInAt'>>;

/** Stores free-form objects as JSON, because DynamoDB changes numbers and empty values. */
export function toItem({
  avatar: _avatar,
  groups: _groups,
  lastSignInAt: _signIn,
  metadata,
  profileMetadata,
  tutorialStatus,
  invitation,
  ...user
}: ReadUser): Record<string, unknown> {
  return {
    ...user,
    invitation: invitation && toStoredInvitation(invitation, user),
    metadata: metadata && JSON.stringify(metadata),
    profileMetadata: profileMetadata && JSON.stringify(profileMetadata),
    tutorialStatus: tutorialStatus && JSON.stringify(tutorialStatus),
  };
}

export function fromItem(item: Record<string, unknown>): User {
  const {
    creation: _creation,
    dueAt: _dueAt,
    outboxShard: _shard,
    mailAttempt: _attempt,
    metadata,
    profileMetadata,
    tutorialStatus,
    invitation,
    ...user
  } = toAttributes(item) as unknown as StoredUser;
  const parse = (text?: string) =>
    text === undefined ? undefined : (JSON.parse(text) as User['metadata']);
  return {
    ...user,
    invitation: invitation && fromStoredInvitation(invitation, user),
    metadata: parse(metadata),
    profileMetadata: parse(profileMetadata),
    tutorialStatus: parse(tutorialStatus),
  };
}

interface StoredUser
  extends Omit<User, 'invitation' | 'metadata' | 'profileMetadata' | 'tutorialStatus'> {
  readonly creation?: unknown;
  readonly dueAt?: unknown;
  readonly outboxShard?: unknown;
  readonly mailAttempt?: unknown;
  readonly invitation?: StoredInvitation;
  readonly metadata?: string;
  readonly profileMetadata?: string;
  readonly tutorialStatus?: string;
}

/** Invitation without the values that equal those of the creation. */
type StoredInvitation = Omit<Invitation, 'invitedAt' | 'invitedBy' | 'inviter'> &
  Partial<Pick<Invitation, 'invitedAt' | 'invitedBy'>> & {
    readonly inviter: Omit<Invitation['inviter'], 'subject'> & { readonly subject?: string };
  };

type Creation = Pick<User, 'createdAt' | 'createdBy'>;

/** Omits repeated values, because the item of an invited user is close to 1 KiB. */
function toStoredInvitation(invitation: Invitation, { createdAt, createdBy }: Creation) {
  const { invitedAt, invitedBy, inviter, ...others } = invitation;
  return {
    ...others,
    invitedAt: invitedAt === createdAt ? undefined : invitedAt,
    invitedBy: invitedBy === createdBy ? undefined : invitedBy,
    inviter:
      inviter.appClient === undefined && inviter.subject === createdBy
        ? { ...inviter, subject: undefined }
        : inviter,
  };
}

function fromStoredInvitation(
  { invitedAt, invitedBy, inviter, ...others }: StoredInvitation,
  { createdAt, createdBy }: Creation,
): Invitation {
  return {
    ...others,
    invitedAt: invitedAt ?? createdAt,
    invitedBy: invitedBy ?? createdBy,
    inviter: 'appClient' in inviter ? inviter : { subject: createdBy, ...inviter },
  } as Invitation;
}

/** Attributes that put a user with a due invitation into the outbox index. */
export const toOutboxAttributes = (user: User): Record<string, string> =>
  needsInvitationMail(user)
    ? { dueAt: user.invitation.invitedAt, outboxShard: user.userId.slice(0, 1) }
    : {};

/** Stands for stored outbox attributes, which the mailer may have changed or removed. */
const unknownAttributes = { dueAt: '', outboxShard: '' };
const unknownAttempt = { mailAttempt: '' };

/** Statuses in which no mail goes out, and from which a user can return to an invitation. */
const pausingStatuses: readonly UserStatus[] = ['inactive', 'deleted'];

/**
 * Outbox attributes before and after a change. A new invitation or state makes a mail due. Attempts
 * are kept if a deletion, a suspension or its reversal leaves the invitation unchanged.
 */
export function diffOutbox(
  before: User,
  after: User,
): [before: Record<string, string>, after: Record<string, string>] {
  const hasNewVersion = before.invitation?.version !== after.invitation?.version;
  const hasNewState = needsInvitationMail(before) !== needsInvitationMail(after);
  if (!hasNewVersion && !hasNewState) return [{}, {}];
  const keepsAttempt =
    !hasNewVersion && [before, after].some(({ status }) => pausingStatuses.includes(status));
  const attributes = { ...unknownAttributes, ...(!keepsAttempt && unknownAttempt) };
  return [attributes, toOutboxAttributes(after)];
}

/**
 * Builds the update from one item to another, on condition that the version is unchanged.
 * Attributes that both omit stay unchanged.
 */
export function buildUpdate(before: Record<string, unknown>, after: Record<string, unknown>) {
  const changedNames = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );
  const assignedNames = changedNames.filter((name) => after[name] !== undefined);
  const removedNames = changedNames.filter((name) => after[name] === undefined);
  return {
    UpdateExpression: [
      `SET ${assignedNames.map((name) => `#${name} = :${name}`).join(', ')}`,
      ...(removedNames.length > 0
        ? [`REMOVE ${removedNames.map((name) => `#${name}`).join(', ')}`]
        : []),
    ].join(' '),
    ConditionExpression: '#version = :before',
    ExpressionAttributeNames: Object.fromEntries(changedNames.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(assignedNames.map((name) => [`:${name}`, after[name]])),
      ':before': before['version'],
    },
  };
}
