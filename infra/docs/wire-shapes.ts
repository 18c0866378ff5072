import type * as z from 'zod';
import { cradl } from '../../lib/dialects/cradl/user.ts';
import { credible } from '../../lib/dialects/credible/user.ts';
import { activeSwitch } from '../../lib/dialects/jitsudo/active-switch.ts';
import { jitsudoOwnAccount } from '../../lib/dialects/jitsudo/own-account.ts';
import { jitsudo } from '../../lib/dialects/jitsudo/user.ts';
import { exportAnswer } from '../../lib/dialects/native/export.ts';
import { nativeOwnAccount } from '../../lib/dialects/native/own-account.ts';
import { native } from '../../lib/dialects/native/user.ts';
import type { OwnAccountWire, UserWire } from '../../lib/dialects/user-wire.ts';
import type { Failure } from '../../lib/domain/failure.ts';
import type { DialectName, Operation, Route } from '../../lib/http/routes.ts';
import { appClientShapes } from './app-client-shapes.ts';
import { invitationShapes } from './invitation-shapes.ts';
import { roleShapes } from './role-shapes.ts';
import { tenantShapes } from './tenant-shapes.ts';
import { signInShapes } from './sign-in-shapes.ts';
import { passwordResetShapes } from './password-reset-shapes.ts';
import { examples, exportExample, type OwnAccountExamples, ownAccountExamples, type UserExamples } from './examples.ts';

/** The operations that take or give JSON: all but those of documents. */
export type WireOperation = Exclude<
  Operation,
  | 'issueToken'
  | 'getDiscovery'
  | 'getKeySet'
  | 'getOpenapi'
  | 'getDocs'
  | 'getDocsFile'
  | 'getAcceptPage'
  | 'getResetPage'
  | 'getAcceptFile'
  | 'answerUnrouted'
>;
type UserOperation = Extract<Operation, `${string}User` | 'listUsers' | 'setUserActive' | 'changeOwnPassword'>;

type Media = { readonly schema: z.ZodType; readonly example: object };

/** What an operation takes and gives on the wire of one dialect. */
export interface Shape {
  /** What the path names, where that is not a user. */
  readonly parameter?: UserWire['parameter'];
  /** What the path names within that. */
  readonly part?: UserWire['parameter'];
  readonly query?: z.ZodObject;
  readonly request?: Media;
  /** Absent for an answer without a body. */
  readonly answer?: Media;
  /** What has happened, in a sentence. */
  readonly done: string;
  /** Whether `If-Match` counts. */
  readonly conditional?: boolean;
  /** Whether `Idempotency-Key` counts. */
  readonly repeatable?: boolean;
  /** Whether the answer has an `ETag`, besides those of users and invitations, which have one in Roster's own API. */
  readonly hasEtag?: boolean;
  /** The path in `Location`, of what is created besides users: an example. */
  readonly location?: string;
  /** Whether the request has to name its tenant itself, and nothing in it entitles to anything. */
  readonly namesTenant?: boolean;
  /** What the dialect answers in place of a failure, where it has an answer of its own. */
  readonly asDocumented?: (failure: Failure) => Failure;
}

interface Dialect {
  readonly user: UserWire;
  readonly own: OwnAccountWire;
  readonly shown: UserExamples;
  readonly ownShown: OwnAccountExamples;
}

/** A user whom something has happened to. */
const after = ({ user, shown }: Dialect, changes: object = {}): Media => ({
  schema: user.answer,
  example: { ...shown.user, ...shown.change, ...changes },
});

/** By operation; what differs between dialects lies in their wires. */
const shapes: Readonly<Record<UserOperation, (dialect: Dialect) => Shape>> = {
  createUser: ({ user, shown }) => ({
    request: { schema: user.draft, example: shown.draft },
    answer: { schema: user.answer, example: shown.user },
    done: 'The user was created.',
    repeatable: true,
  }),
  listUsers: ({ user: { list }, shown }) => ({
    query: list.query,
    answer: { schema: list.answer, example: list.view([shown.user], undefined) },
    done: 'A page of users.',
  }),
  getUser: ({ user, shown }) => ({ answer: { schema: user.answer, example: shown.user }, done: 'The user.' }),
  updateUser: (dialect) => ({
    request: { schema: dialect.user.patch, example: dialect.shown.patch },
    answer: after(dialect, dialect.shown.patch),
    done: 'The user as it is now.',
    conditional: true,
  }),
  suspendUser: (dialect) => ({ answer: after(dialect, dialect.shown.inactive), done: 'The user is suspended.', conditional: true }),
  reactivateUser: (dialect) => ({ answer: after(dialect), done: 'The user is active again.', conditional: true }),
  setUserActive: (dialect) => ({
    request: { schema: activeSwitch, example: { active: false } },
    answer: after(dialect, dialect.shown.inactive),
    done: 'The user is suspended, or active again.',
    conditional: true,
  }),
  deleteUser: (dialect) => ({ answer: after(dialect, dialect.shown.inactive), done: 'The user is deleted.', conditional: true }),
  restoreUser: (dialect) => ({ answer: after(dialect), done: 'The user is what it was before it was deleted.', conditional: true }),
  eraseUser: () => ({ done: 'Nothing is held about the user any more.', conditional: true }),
  exportUser: () => ({ answer: { schema: exportAnswer, example: exportExample }, done: 'All that is held about the user.' }),
  getOwnUser: ({ own, ownShown }) => ({ answer: { schema: own.answer, example: ownShown.user }, done: 'The user who calls.' }),
  updateOwnUser: ({ own, ownShown }) => ({
    request: { schema: own.patch, example: ownShown.patch },
    answer: { schema: own.answer, example: { ...ownShown.user, ...ownShown.patch } },
    done: 'The user who calls, as it is now.',
    conditional: true,
  }),
  changeOwnPassword: ({ own: { password, passwordChanged, asDocumented }, ownShown }) => ({
    request: { schema: password, example: ownShown.password },
    ...(passwordChanged && { answer: { schema: passwordChanged.schema, example: passwordChanged.body } }),
    done: 'The password is changed.',
    ...(asDocumented && { asDocumented }),
  }),
};

/** What the operations take and give that are about something other than users. */
const otherShapes: Readonly<Partial<Record<Operation, (dialect: DialectName) => Shape>>> = {
  ...invitationShapes,
  ...appClientShapes,
  ...roleShapes,
  ...tenantShapes,
  ...passwordResetShapes,
  ...signInShapes,
};

/** The users of each dialect. */
export const wires: Readonly<Record<DialectName, UserWire>> = { native, cradl, jitsudo, credible };
const ownAccounts: Readonly<Partial<Record<DialectName, OwnAccountWire>>> = { native: nativeOwnAccount, jitsudo: jitsudoOwnAccount };

/** What the operation of a route takes and gives in the dialect of that route. */
export function shapeOf({ operation, dialect, status }: Route): Shape {
  const other = otherShapes[operation]?.(dialect);
  if (other) return other;
  const { answer, ...shape } = shapes[operation as UserOperation]({
    user: wires[dialect],
    own: ownAccounts[dialect] ?? nativeOwnAccount,
    shown: examples[dialect],
    ownShown: ownAccountExamples[dialect] ?? ownAccountExamples.native,
  });
  return status === 204 || !answer ? shape : { ...shape, answer };
}
