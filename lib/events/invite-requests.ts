import type { Context, EventBridgeEvent } from 'aws-lambda';
import * as z from 'zod';
import { dialects } from '../api/dialects.ts';
import { nativeUser } from '../api/users/native.ts';
import { parse } from '../api/parse.ts';
import { isAbsent } from '../api/request-body.ts';
import type { RequestContext } from '../domain/access/request-context.ts';
import type { EventBus } from '../domain/kernel/event-bus.ts';
import { Failure } from '../domain/kernel/failure.ts';
import { toHex, formatId, type IdPrefix } from '../domain/kernel/ids.ts';
import { type InviteSource, toPrincipal } from '../domain/invitations/invite-sources.ts';
import { collectPermissions } from '../domain/roles/role.ts';
import type { TenantStore } from '../domain/tenants/tenant-store.ts';
import { type CreateUserDependencies, createUser } from '../domain/users/create-user.ts';
import type { User } from '../domain/users/user.ts';
import { getDeadline } from '../runtime/deadline.ts';
import { logEvent } from '../runtime/event-log.ts';
import type { EpochMs } from '../domain/kernel/time.ts';

export const requestType = 'User Invite Requested';
type Request = EventBridgeEvent<typeof requestType, unknown>;

interface Dependencies extends CreateUserDependencies {
  readonly idPrefix: IdPrefix;
  readonly tenants: TenantStore;
  readonly inviteSources: readonly InviteSource[];
  readonly bus: EventBus;
}

/** ID from the sender. A repeated request has the same ID. */
const requestIdSchema = z.looseObject({
  id: z.string().regex(/^[!-~]{1,200}$/, 'must have 1 to 200 visible ASCII characters'),
});

const isOmitted = (name: string) => (draft: Readonly<Record<string, unknown>>) =>
  isAbsent(name, draft[name]);

/** Events are archived and copied, so they must not contain secrets. */
const draftSchema = z
  .record(z.string(), z.unknown())
  .refine(isOmitted('password'), { path: ['password'], error: 'must never be in an event' })
  .refine(isOmitted('passwordHash'), { path: ['passwordHash'], error: 'must never be in an event' })
  .refine(isOmitted('sendInvitation'), {
    path: ['sendInvitation'],
    error: 'cannot be set in an event, which always invites',
  })
  .refine(isOmitted('status'), {
    path: ['status'],
    error: 'cannot be set in an event, which always invites',
  })
  .refine((draft) => draft['authProvider'] === 'local' || isOmitted('authProvider')(draft), {
    path: ['authProvider'],
    error: 'must be local',
  });

/** Failures that Lambda retries. */
const retryableCodes: readonly unknown[] = ['unavailable', 'internal'];

/**
 * Invites a user for a registered system, with the tenant and roles of its registration. Sends the
 * outcome to the bus: `User Invited`, or `User Invite Refused` with the error. A request (account,
 * source and `detail.id`) takes effect once. Throws retryable failures.
 */
export async function inviteOnRequest(
  event: Request,
  context: Context,
  deps: Dependencies,
): Promise<void> {
  const { account, source } = event;
  const { success, data } = requestIdSchema.safeParse(event.detail);
  const request = { account, source, id: success ? data.id : null };
  const inviteSource = deps.inviteSources.find(
    (registered) => registered.account === account && registered.source === source,
  );
  const log = (outcome: string, error?: unknown) =>
    logEvent({
      operation: 'inviteOnRequest',
      outcome,
      tenant: inviteSource?.tenant,
      subject: event.id,
      time: deps.now().getTime(),
      metrics: { invitesRefused: outcome === 'invited' ? 0 : 1 },
      error,
    });
  try {
    const deadline = getDeadline(deps.now(), context.getRemainingTimeInMillis());
    const outcome = await createInvitedUser(event, { inviteSource, deadline }, deps);
    await deps.bus.put('User Invited', { request, ...outcome }, deps.now());
    log('invited');
  } catch (error) {
    const failure =
      error instanceof Failure ? error : new Failure('internal', '', { cause: error });
    const { code } = failure;
    log(code, retryableCodes.includes(code) ? error : undefined);
    if (retryableCodes.includes(code)) throw error;
    await deps.bus.put(
      'User Invite Refused',
      { request, ...dialects.native.renderError(failure, event.id).body },
      deps.now(),
    );
  }
}

async function createInvitedUser(
  event: Request,
  {
    inviteSource,
    deadline,
  }: { readonly inviteSource: InviteSource | undefined; readonly deadline: EpochMs },
  deps: Dependencies,
): Promise<object> {
  if (!inviteSource)
    throw new Failure('forbidden', 'This account and source are not registered here');
  const tenant = await deps.tenants.findCurrent(inviteSource.tenant);
  if (!tenant)
    throw new Failure('forbidden', 'The tenant of this account and source does not exist');
  if (tenant.status !== 'active')
    throw new Failure('tenant_suspended', 'The tenant of this account and source is suspended');
  const principal = {
    ...toPrincipal(event),
    subjectIsUser: false,
    component: 'invite-requests',
    tenantId: tenant.tenantId,
    systemAdministrator: false,
    roles: inviteSource.roles,
    groups: [],
    assigned: { roles: inviteSource.roles, groups: [] },
    permissions: collectPermissions(inviteSource.roles, tenant.roles),
  };
  const requestContext: RequestContext = {
    principal,
    tenant,
    dialect: 'native',
    requestId: event.id,
    deadline,
    decisions: [],
  };
  const { id: key, ...draft } = parse(requestIdSchema, event.detail);
  const renderResponse = ({ userId, invitation }: User) =>
    JSON.stringify({
      tenantId: tenant.tenantId,
      userId: formatId(deps.idPrefix, 'user', toHex(userId)),
      invitationId: formatId(deps.idPrefix, 'invitation', toHex(invitation?.invitationId ?? '')),
    });
  const idempotency = {
    keyName: 'Idempotency-Key' as const,
    key,
    route: requestType,
    body: draft,
    renderResponse,
  };
  const result = await createUser(
    {
      input: parse(nativeUser.createInput(), parse(draftSchema, draft)),
      idempotency,
      readCurrentContext: async () => requestContext,
    },
    requestContext,
    deps,
  );
  const text = 'user' in result ? renderResponse(result.user) : result.replay;
  return { ...(JSON.parse(text) as object), replayed: 'replay' in result };
}
