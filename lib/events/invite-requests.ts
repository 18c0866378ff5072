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

export const requestType = 'User Invite Requested';
type Request = EventBridgeEvent<typeof requestType, unknown>;

interface Dependencies extends CreateUserDependencies {
  readonly idPrefix: IdPrefix;
  readonly tenants: TenantStore;
  readonly inviteSources: readonly InviteSource[];
  readonly bus: EventBus;
}

/** The name that the sender gave the request, which is the same however often it is sent. */
const requestIdSchema = z.looseObject({
  id: z.string().regex(/^[!-~]{1,200}$/, 'must have 1 to 200 visible ASCII characters'),
});

const withholds = (name: string) => (draft: Readonly<Record<string, unknown>>) =>
  isAbsent(name, draft[name]);

/** What a user can be asked for in an event. Events are archived and copied: no secret may be in one. */
const draftSchema = z
  .record(z.string(), z.unknown())
  .refine(withholds('password'), { path: ['password'], error: 'must never be in an event' })
  .refine(withholds('passwordHash'), { path: ['passwordHash'], error: 'must never be in an event' })
  .refine(withholds('sendInvitation'), {
    path: ['sendInvitation'],
    error: 'cannot be set in an event, which always invites',
  })
  .refine((draft) => draft['authProvider'] === 'local' || withholds('authProvider')(draft), {
    path: ['authProvider'],
    error: 'must be local',
  });

/** What cannot be answered now, and so is thrown for Lambda to try again. */
const passing: readonly unknown[] = ['unavailable', 'internal'];

/**
 * Invites whom an event asks for, in the tenant and with the rights that its account and source are registered for, and says on
 * the bus how that ended: `User Invited`, or `User Invite Refused` with the code of the failure. The same request (account,
 * source and `detail.id`) has its effect once. Throws what may pass, so that it is tried again.
 */
export async function inviteOnRequest(
  event: Request,
  context: Context,
  deps: Dependencies,
): Promise<void> {
  const { account, source } = event;
  const { success, data } = requestIdSchema.safeParse(event.detail);
  const request = { account, source, id: success ? data.id : null };
  const registered = deps.inviteSources.find(
    (each) => each.account === account && each.source === source,
  );
  const log = (outcome: string, error?: unknown) =>
    logEvent({
      operation: 'inviteOnRequest',
      outcome,
      tenant: registered?.tenant,
      subject: event.id,
      time: deps.now().getTime(),
      metrics: { invitesRefused: outcome === 'invited' ? 0 : 1 },
      error,
    });
  try {
    const outcome = await invited(
      event,
      registered,
      getDeadline(deps.now(), context.getRemainingTimeInMillis()),
      deps,
    );
    await deps.bus.put('User Invited', { request, ...outcome }, deps.now());
    log('invited');
  } catch (error) {
    const failure =
      error instanceof Failure ? error : new Failure('internal', '', { cause: error });
    const { code } = failure;
    log(code, passing.includes(code) ? error : undefined);
    if (passing.includes(code)) throw error;
    await deps.bus.put(
      'User Invite Refused',
      { request, ...dialects.native.renderError(failure, event.id).body },
      deps.now(),
    );
  }
}

async function invited(
  event: Request,
  registered: InviteSource | undefined,
  deadline: number,
  deps: Dependencies,
): Promise<object> {
  if (!registered)
    throw new Failure('forbidden', 'This account and source are not registered here');
  const tenant = await deps.tenants.findCurrent(registered.tenant);
  if (!tenant)
    throw new Failure('forbidden', 'The tenant of this account and source does not exist');
  if (tenant.status !== 'active')
    throw new Failure('tenant_suspended', 'The tenant of this account and source is suspended');
  const call: RequestContext = {
    principal: {
      ...toPrincipal(event),
      subjectIsUser: false,
      tenantId: tenant.tenantId,
      systemAdministrator: false,
      roles: registered.roles,
      permissions: collectPermissions(registered.roles, tenant.roles),
    },
    tenant,
    dialect: 'native',
    requestId: event.id,
    deadline,
    decisions: [],
  };
  const { id: key, ...draft } = parse(requestIdSchema, event.detail);
  const answer = ({ userId, invitation }: User) =>
    JSON.stringify({
      tenantId: tenant.tenantId,
      userId: formatId(deps.idPrefix, 'user', toHex(userId)),
      invitationId: formatId(deps.idPrefix, 'invitation', toHex(invitation?.invitationId ?? '')),
    });
  const repeatable = { key, route: requestType, body: draft, renderResponse: answer };
  const result = await createUser(
    {
      input: parse(nativeUser.createInput, parse(draftSchema, draft)),
      idempotency: repeatable,
      readCurrentContext: async () => call,
    },
    call,
    deps,
  );
  const text = 'user' in result ? answer(result.user) : result.replay;
  return { ...(JSON.parse(text) as object), replayed: 'replay' in result };
}
