import { isAllowed, isSafeToReveal } from '../access/decision.ts';
import type { RequestContext } from '../access/request-context.ts';
import { needsInvitationMail } from '../invitations/invite.ts';
import { Failure, invalidInput } from '../kernel/failure.ts';
import { authorizeCreate, type CreateUserDependencies, createUser } from '../users/create-user.ts';
import {
  buildIdempotencyRecord,
  type IdempotentRequest,
  replayResponse,
} from '../users/idempotency.ts';
import { type UpdateUserDependencies, updateUser } from '../users/update-user.ts';
import type { IdempotencyRecord, UserStore } from '../users/user-store.ts';
import type { User } from '../users/user.ts';
import type { BulkRow, OnExisting, RowOutcome, RowResult } from './bulk-row.ts';
import type { WriteChecks } from './write-checks.ts';

export type ImportRowDependencies = CreateUserDependencies &
  UpdateUserDependencies &
  Pick<WriteChecks, 'findStoredResponse'>;

interface RowImport {
  readonly row: BulkRow;
  /** User whom the row matches. Always undefined with `fail`. */
  readonly existing: User | undefined;
  readonly onExisting: OnExisting;
  /** Default for rows without `sendInvitation`. */
  readonly sendInvitations: boolean;
  /** Route of the request, which is part of the idempotency key. */
  readonly route: string;
}

type Imported = Extract<RowResult, { readonly outcome: RowOutcome }>;
type Failed = Exclude<RowResult, Imported>;

/** Concurrent requests can create or delete the user meanwhile. */
const maxAttempts = 3;

/**
 * Creates, updates or skips the user of a row. Each attempt makes its own policy decision. The
 * failures are those of `createUser` and `updateUser`.
 */
export async function importRow(
  { row, existing, ...options }: RowImport,
  context: RequestContext,
  deps: ImportRowDependencies,
): Promise<RowResult> {
  let found = existing;
  for (let attempt = 1; ; attempt++) {
    const rowContext: RequestContext = { ...context, decisions: [] };
    try {
      const imported = await (found
        ? importExisting({ row, existing: found, ...options }, rowContext, deps)
        : importNew({ row, existing: found, ...options }, rowContext, deps));
      if (isAllowed(rowContext)) return imported;
      throw new Error('A row was not allowed by exactly one policy decision');
    } catch (error) {
      if (!isRace(error, found, options.onExisting) || attempt === maxAttempts)
        return toFailed(error, rowContext);
      const wasFound = found !== undefined;
      found = await findExisting(row, context, deps);
      // Another identifier than the matched one is taken.
      if (!wasFound && !found) return toFailed(error, rowContext);
    }
  }
}

/** Finds the user whom a row matches: by external ID if it has one, otherwise by email. */
export const findExisting = (
  { createInput: { externalId, email } }: BulkRow,
  { tenant }: RequestContext,
  { users }: { readonly users: Pick<UserStore, 'get'> },
): Promise<User | undefined> => {
  const ref = externalId === undefined ? { email: email ?? '' } : { externalId };
  return users.get(tenant.tenantId, ref, false);
};

/** True if the user was created or deleted after the row was matched. */
function isRace(error: unknown, existing: User | undefined, onExisting: OnExisting): boolean {
  if (!(error instanceof Failure) || onExisting === 'fail') return false;
  return error.code === (existing ? 'not_found' : 'user_exists');
}

/** Converts a defect, or a failure that reveals what no decision allowed, to `internal`. */
const toFailed = (error: unknown, context: RequestContext): Failed => ({
  outcome: 'failed',
  failure:
    error instanceof Failure && isSafeToReveal(error, context) ? error : internalFailure(error),
  decisions: context.decisions,
});

/** Hides a defect from the caller and keeps it for the log. */
export const internalFailure = (cause: unknown): Failure =>
  new Failure('internal', 'An internal error occurred', { cause });

async function importNew(
  { row: { rowKey, createInput, body }, sendInvitations, route }: RowImport,
  context: RequestContext,
  deps: ImportRowDependencies,
): Promise<Imported> {
  const { sendInvitation = sendInvitations } = createInput;
  const result = await createUser(
    {
      input: { ...createInput, sendInvitation },
      idempotency:
        rowKey === undefined
          ? undefined
          : toIdempotentRequest('created', { key: rowKey, route, body }),
      readCurrentContext: async () => context,
    },
    context,
    deps,
  );
  return 'user' in result
    ? { outcome: 'created', userId: result.user.userId }
    : (JSON.parse(result.replay) as Imported);
}

const toIdempotentRequest = (
  outcome: RowOutcome,
  row: Pick<IdempotentRequest, 'key' | 'route' | 'body'>,
): IdempotentRequest => ({
  ...row,
  keyName: 'rowKey',
  renderResponse: ({ userId }) => JSON.stringify({ outcome, userId } satisfies Imported),
});

async function importExisting(
  options: RowImport & { readonly existing: User },
  context: RequestContext,
  deps: ImportRowDependencies,
): Promise<Imported> {
  const { row, existing, onExisting, route } = options;
  const { rowKey, createInput, body } = row;
  const record =
    rowKey === undefined
      ? undefined
      : await buildIdempotencyRecord(
          {
            request: toIdempotentRequest('updated', { key: rowKey, route, body }),
            user: existing,
          },
          context,
          deps,
        );
  const replay = async (isDecided: boolean): Promise<Imported | undefined> => {
    const stored = record && (await deps.findStoredResponse(existing.tenantId, record.id));
    if (!stored) return undefined;
    // Decided like the row that it repeats.
    if (!isDecided) authorizeCreate(createInput, context, deps.policy);
    const request = { keyName: 'rowKey', fingerprint: record.fingerprint } as const;
    return JSON.parse(replayResponse(stored, request, {})) as Imported;
  };
  const repeated = await replay(false);
  if (repeated) return repeated;
  const { userId } = existing;
  if (onExisting === 'skip') {
    deps.policy.authorize(context, 'getUser', { self: false });
    return { outcome: 'skipped', userId };
  }
  const isWritten = await updateExisting({ ...options, record }, context, deps);
  if (isWritten) return { outcome: 'updated', userId };
  // A concurrent request with the same row may have made the change.
  return (await replay(true)) ?? { outcome: 'unchanged', userId };
}

/** Returns true if the update changed the user. */
async function updateExisting(
  {
    row,
    existing,
    sendInvitations,
    record,
  }: RowImport & {
    readonly existing: User;
    readonly record: IdempotencyRecord | undefined;
  },
  context: RequestContext,
  deps: ImportRowDependencies,
): Promise<boolean> {
  let isWritten = false;
  const update: UserStore['update'] = async (change) => {
    const invites =
      needsInvitationMail(change.after) &&
      change.after.invitation.version !== change.before.invitation?.version;
    const { sendInvitation = sendInvitations } = row.createInput;
    if (invites && !sendInvitation) throw invitationNotRequested();
    const outcome = await deps.users.update({ ...change, idempotencyRecord: record });
    isWritten = outcome === 'written';
    return outcome;
  };
  await updateUser({ ref: { userId: existing.userId }, input: row.parseUpdate() }, context, {
    ...deps,
    users: { ...deps.users, update },
  });
  return isWritten;
}

const invitationNotRequested = (): Failure =>
  invalidInput({
    path: 'email',
    message:
      'cannot be changed for an invited user without sendInvitations, because the new email gets an invitation',
  });
