import type * as z from 'zod';
import type { UserCodec } from './users/user-codec.ts';
import type { Failure } from '../domain/kernel/failure.ts';
import type { DialectName, Operation, Route } from './routes.ts';
import { appClientShapes } from './app-clients/docs.ts';
import { invitationShapes } from './invitations/docs.ts';
import { passwordResetShapes } from './links/docs-reset.ts';
import { roleShapes } from './roles/docs.ts';
import { signInShapes } from './sign-in/docs.ts';
import { tenantShapes } from './tenants/docs.ts';
import { userShapes } from './users/docs.ts';

/** The operations that take or give JSON: all but those of documents. */
export type WireOperation = Exclude<
  Operation,
  | 'issueToken'
  | 'getDiscovery'
  | 'getKeySet'
  | 'getHealth'
  | 'getOpenapi'
  | 'getDocs'
  | 'getDocsFile'
  | 'getAcceptPage'
  | 'getResetPage'
  | 'getConfirmPage'
  | 'getAcceptFile'
  | 'answerUnrouted'
>;
export type Media = { readonly schema: z.ZodType; readonly example: object };

/** What an operation takes and gives on the wire of one dialect. */
export interface Shape {
  /** What the path names, where that is not a user. */
  readonly parameter?: UserCodec['pathParameter'];
  /** What the path names within that. */
  readonly part?: UserCodec['pathParameter'];
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
  readonly mapError?: (failure: Failure) => Failure;
}

const shapes: Readonly<Record<WireOperation, (dialect: DialectName) => Shape>> = {
  ...userShapes,
  ...invitationShapes,
  ...appClientShapes,
  ...roleShapes,
  ...tenantShapes,
  ...passwordResetShapes,
  ...signInShapes,
};

/** What the operation of a route takes and gives in the dialect of that route: those of a resource are in its file, `<resource>-shapes.ts`. */
export function shapeOf({ operation, dialect, status }: Route): Shape {
  const { answer, ...shape } = shapes[operation as WireOperation](dialect);
  return status === 204 || !answer ? shape : { ...shape, answer };
}
