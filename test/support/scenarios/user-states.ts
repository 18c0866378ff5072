/** Users in every status, a test clock, and stored items. */
import { randomUUID } from 'node:crypto';
import type { UserStatus } from '../../../lib/domain/users/user.ts';
import { keys } from '../../../lib/store/keys.ts';
import { createUserIn, type UserRefs } from '../authenticated-routes.ts';
import { goodPassword } from '../dialects/create-user.ts';
import {
  adminToken,
  type TestResponse,
  issuer,
  type TestRequest,
  type Service,
  type TenantSlug,
  tenantId,
} from '../service.ts';

export const statuses = [
  'invite_pending',
  'active',
  'inactive',
  'deleted',
] as const satisfies readonly UserStatus[];

/** Sends a native request about a user as an administrator of its tenant. */
export const requestTransition = (
  service: Service,
  method: string,
  user: UserRefs,
  path = '',
  sent: TestRequest = {},
  slug: TenantSlug = 'acme',
): Promise<TestResponse> =>
  service.send(method, `/v1/users/${user.native}${path}`, { token: adminToken(slug), ...sent });

/** Creates a user with this status through the API. */
export async function createUserWithStatus(
  status: UserStatus,
  service: Service,
  more: object = {},
  slug: TenantSlug = 'acme',
): Promise<UserRefs> {
  const user = await createUserIn(service, slug, {
    ...(status !== 'invite_pending' && { password: goodPassword }),
    ...more,
  });
  if (status === 'inactive') await requestTransition(service, 'POST', user, '/suspend', {}, slug);
  if (status === 'deleted') await requestTransition(service, 'DELETE', user, '', {}, slug);
  return user;
}

/** Status of a user or tombstone. Undefined if neither exists. */
export async function getStatus(
  service: Service,
  user: UserRefs,
  slug: TenantSlug = 'acme',
): Promise<UserStatus | undefined> {
  return (await requestTransition(service, 'GET', user, '/export', {}, slug)).body.user?.status;
}

/** Writes change records of this size directly to the table, as earlier versions left them. */
export async function addHistory(
  { stored }: Service,
  { jitsudo }: UserRefs,
  count: number,
  bytes: number,
): Promise<void> {
  const user = await stored.item(keys.user(tenantId.acme, jitsudo));
  const deed = {
    at: user?.['createdAt'],
    by: 'admin',
    issuer: 'http://localhost:4000',
    requestId: 'none',
    policies: [],
  };
  const records = Array.from({ length: count }, (_, index) => {
    const version = Number(user?.['version']) + index + 1;
    const before = JSON.stringify({ metadata: { text: 'x'.repeat(bytes) } });
    const key = keys.userChange(tenantId.acme, jitsudo, version);
    return {
      ...key,
      ...deed,
      tenantId: tenantId.acme,
      userId: jitsudo,
      version,
      action: 'update',
      before,
      token: randomUUID(),
    };
  });
  await stored.putAll(records);
  await stored.put({ ...user, version: Number(user?.['version']) + count });
}

const hourMs = 3600 * 1000;

/**
 * Finds a whole second in the first 45 minutes of the hour, because limits count per hour and per
 * day.
 */
function findStartMs(): number {
  const nowMs = Math.floor(Date.now() / 1000) * 1000;
  const hourAtMs = Math.floor(nowMs / hourMs) * hourMs;
  return Math.min(nowMs, hourAtMs + 0.75 * hourMs);
}

/** Creates a clock that stands still until a test advances it. It also issues the tokens. */
export function createTestClock() {
  let timeMs = findStartMs();
  const now = () => new Date(timeMs);
  return {
    now,
    advanceBy: (milliseconds: number) => {
      timeMs += milliseconds;
    },
    aTokenOf: (
      slug: TenantSlug,
      roles: readonly string[],
      sub = `${roles.join()}-of-${slug}`,
      time = now(),
    ): string => {
      const iat = Math.floor(time.getTime() / 1000);
      return issuer.mint({
        iss: issuer.settings.issuer,
        aud: 'roster',
        sub,
        tenant_id: tenantId[slug],
        roles,
        iat,
        auth_time: iat,
        exp: iat + 3600,
      });
    },
  };
}

/** Copies an object without these members. */
export const without = (object: object, ...names: readonly string[]): object =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

export const day = 24 * 3600 * 1000;

/** All items of both tables as text. */
export const readAllItems = async ({ stored }: Service): Promise<string> =>
  JSON.stringify([await stored.all(), await stored.all(stored.secrets)]);
