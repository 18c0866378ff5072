import { randomUUID } from 'node:crypto';
import type { ActivityRecord } from '../feed/activity.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { User } from '../users/user.ts';

/** Client of a sign-in. */
export interface SignInClient {
  readonly ipAddress: string;
  /** `User-Agent` header. */
  readonly userAgent?: string | undefined;
  readonly requestId: string;
}

/** Sign-in of a user. Only the data of the user contain the client, not the event. */
export interface SignInRecord extends ActivityRecord {
  readonly method: 'password';
  readonly ipAddress: string;
  readonly userAgent?: string | undefined;
}

/** Stores sign-ins for 90 days. A failed write is only logged. */
export interface SignInLog {
  /** Writes nothing for a user who is deleted meanwhile, so an erasure leaves no sign-in. */
  put(user: Pick<User, 'tenantId' | 'userId'>, record: SignInRecord): Promise<void>;
  /**
   * Counts a failed sign-in in a window of 5 minutes. The first one is an event. An unknown tenant,
   * which is undefined, takes the same request.
   */
  countFailure(tenantId: Uuid | undefined, record: ActivityRecord): Promise<void>;
}

interface Dependencies {
  /** Undefined if the deployment has no event feed. */
  readonly signInLog: SignInLog | undefined;
  readonly now: () => Date;
}

const maxUserAgentLength = 256;

/** Records a sign-in, unless the tenant records none. */
export async function recordSignIn(
  user: User,
  { tenant, client }: { readonly tenant: Tenant; readonly client: SignInClient },
  { signInLog, now }: Dependencies,
): Promise<void> {
  if (tenant.signInEvents === 'off') return;
  await signInLog?.put(user, {
    activityId: randomUUID(),
    type: 'user.signed_in',
    resource: { type: 'user', id: user.userId },
    at: now().toISOString(),
    actor: { type: 'user', id: user.userId },
    requestId: client.requestId,
    policies: [],
    method: 'password',
    ipAddress: client.ipAddress,
    userAgent: client.userAgent?.slice(0, maxUserAgentLength),
  });
}

/**
 * Counts a failed sign-in, unless the tenant records none. Unknown tenants and accounts take the
 * same request.
 */
export async function countFailedSignIn(
  user: User | undefined,
  { tenant, client }: { readonly tenant: Tenant | undefined; readonly client: SignInClient },
  { signInLog, now }: Dependencies,
): Promise<void> {
  if (tenant?.signInEvents === 'off' || tenant?.signInEvents === 'successes') return;
  const tenantId = tenant?.tenantId;
  await signInLog?.countFailure(tenantId, {
    activityId: randomUUID(),
    ...(user
      ? { type: 'user.sign_in_failed', resource: { type: 'user', id: user.userId } }
      : { type: 'tenant.sign_in_failed', resource: { type: 'tenant', id: tenantId ?? '' } }),
    at: now().toISOString(),
    actor: { type: 'system', id: 'sign-in' },
    requestId: client.requestId,
    policies: [],
  });
}
