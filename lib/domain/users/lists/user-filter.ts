import { getInvitationStatus, type InvitationStatus } from '../../invitations/invitation.ts';
import {
  canonicalizeEmail,
  canonicalizePrefix,
  canonicalizeUserName,
} from '../../kernel/canonical.ts';
import type { Slug } from '../../kernel/ids.ts';
import type { EpochMs } from '../../kernel/time.ts';
import type { AuthProvider, Identity, ListedUser, UserStatus } from '../user.ts';
import type { IdentifierRef } from '../user-store.ts';
import { createTextMatcher } from './search.ts';

/** Conditions that listed users meet. All must hold. */
export interface UserFilter {
  readonly email?: string | undefined;
  readonly userName?: string | undefined;
  readonly externalId?: string | undefined;
  readonly identity?: Identity | undefined;
  readonly emailPrefix?: string | undefined;
  /** Beginnings of words of the names, email and username. */
  readonly search?: string | undefined;
  /** Default: every status except `deleted`. */
  readonly status?: UserStatus | undefined;
  readonly role?: Slug | undefined;
  readonly authProvider?: AuthProvider | undefined;
  /** `any` matches users who were ever invited, `none` users who wait for a first invitation. */
  readonly invitation?: InvitationStatus | 'any' | 'none' | undefined;
  /** Times between which the user was created, both exclusive. */
  readonly createdAfterMs?: EpochMs | undefined;
  readonly createdBeforeMs?: EpochMs | undefined;
  /** Values of members of the metadata: a string, or JSON text of a number, boolean or null. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** Returns the identifier that selects at most one user. Deleted users have none. */
export function findIdentifier({
  status,
  email,
  userName,
  externalId,
  identity,
}: UserFilter): IdentifierRef | undefined {
  if (status === 'deleted') return undefined;
  if (email !== undefined) return { email };
  if (userName !== undefined) return { userName };
  if (externalId !== undefined) return { externalId };
  return identity && { identity };
}

type Predicate = (user: ListedUser) => boolean;

/** Creates a predicate for the users whom a filter includes. */
export function createUserMatcher(filter: UserFilter, now: () => Date): Predicate {
  const { status, role, authProvider, invitation, metadata } = filter;
  const predicates = [
    ({ status: current }: ListedUser) =>
      status === undefined ? current !== 'deleted' : current === status,
    ...matchIdentifiers(filter),
    ...matchTimes(filter),
    ...when(
      role,
      (slug) =>
        ({ roles }) =>
          roles.includes(slug),
    ),
    ...when(authProvider, (provider) => (user) => user.authProvider === provider),
    ...when(invitation, (expected) => (user) => hasInvitation(user, expected, now())),
    ...when(metadata, (values) => (user) => hasMetadata(user, values)),
  ];
  return (user) => predicates.every((matches) => matches(user));
}

const when = <Value>(
  value: Value | undefined,
  toPredicate: (value: Value) => Predicate,
): Predicate[] => (value === undefined ? [] : [toPredicate(value)]);

const matchIdentifiers = (filter: UserFilter) => [
  ...when(
    filter.externalId,
    (id) =>
      ({ externalId }) =>
        externalId === id,
  ),
  ...when(filter.email, (text) => {
    const canonical = canonicalizeEmail(text);
    return ({ email }) => email !== undefined && canonicalizeEmail(email) === canonical;
  }),
  ...when(filter.emailPrefix, (text) => {
    const prefix = canonicalizePrefix(text);
    return ({ email }) => email !== undefined && canonicalizeEmail(email).startsWith(prefix);
  }),
  ...when(filter.userName, (text) => {
    const canonical = canonicalizeUserName(text);
    return (user) => canonicalizeUserName(user.userName ?? '') === canonical;
  }),
  ...when(
    filter.identity,
    ({ issuer, subject }) =>
      (user) =>
        user.identity?.issuer === issuer && user.identity.subject === subject,
  ),
  ...when(filter.search, (text) => {
    const matches = createTextMatcher(text);
    return (user) => matches(listTexts(user));
  }),
];

const listTexts = ({ name, firstName, lastName, email, userName }: ListedUser) => [
  name,
  firstName,
  lastName,
  email,
  userName,
];

const matchTimes = ({ createdAfterMs, createdBeforeMs }: UserFilter): Predicate[] => [
  ...when(
    createdAfterMs,
    (ms) =>
      ({ createdAt }) =>
        Date.parse(createdAt) > ms,
  ),
  ...when(
    createdBeforeMs,
    (ms) =>
      ({ createdAt }) =>
        Date.parse(createdAt) < ms,
  ),
];

function hasInvitation(
  { status, invitation }: ListedUser,
  expected: NonNullable<UserFilter['invitation']>,
  now: Date,
): boolean {
  if (expected === 'none') return status === 'invite_pending' && invitation === undefined;
  if (invitation === undefined) return false;
  return expected === 'any' || getInvitationStatus(invitation, now) === expected;
}

const hasMetadata = (
  { metadata = {} }: ListedUser,
  values: NonNullable<UserFilter['metadata']>,
): boolean =>
  Object.entries(values).every(
    ([name, value]) => Object.hasOwn(metadata, name) && formatValue(metadata[name]) === value,
  );

/** Formats a scalar as in a filter. Undefined for objects and arrays, which no filter matches. */
function formatValue(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? undefined : JSON.stringify(value);
}
