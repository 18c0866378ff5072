import type { Purpose } from './languages.ts';
import type { Problem } from './messages/page-messages.ts';

/** Appearance of the tenant. */
export interface Branding {
  readonly displayName: string;
  /** `#rrggbb`. */
  readonly accentColor: string | null;
  readonly logo: string | null;
}

/** Details of a link that can be used. */
export interface LinkDetails {
  readonly email: string;
  readonly name: string | null;
  readonly tenant: { readonly name: string };
  readonly branding: Branding | null;
  readonly identity: { readonly issuer: string } | null;
  readonly locale: string;
  readonly expiresTime: string;
  readonly password: { readonly minimumLength: number; readonly mustNotContain: readonly string[] };
}

/** Result of setting the password. */
export interface Redeemed {
  /** Only for an invitation. */
  readonly refusedRoleIds?: readonly string[];
  readonly continueUrl: string | null;
}

/** Result of a request, a problem, or the reason why the password was rejected. */
export type Outcome<T> =
  | { readonly result: T }
  | { readonly problem: Problem }
  | { readonly rejected: string };

const paths: Readonly<Record<Purpose, { readonly inspect: string; readonly redeem: string }>> = {
  invitation: { inspect: 'v1/invitations/inspect', redeem: 'v1/invitations/accept' },
  reset: { inspect: 'v1/auth/password-reset/inspect', redeem: 'v1/auth/password-reset/complete' },
};

/** Reads the details of a link. The link stays valid. */
export const inspectLink = (purpose: Purpose, token: string): Promise<Outcome<LinkDetails>> =>
  post(paths[purpose].inspect, { token });

/** Sets the password. The link works once. */
export const redeemLink = (
  purpose: Purpose,
  token: string,
  password: string,
): Promise<Outcome<Redeemed>> => post(paths[purpose].redeem, { token, password });

/** Problems of a request for a link. The user can try again in the form. */
export type RequestProblem =
  | 'invalidEmail'
  | 'missingAccount'
  | 'missingOrganization'
  | 'tooManyRequests'
  | 'offline'
  | 'unavailable';

/**
 * Requests an emailed link: for a password reset, or the link of a pending invitation again. The
 * response does not tell if there is such a user.
 */
export async function requestLink(
  account: { readonly email: string } | { readonly userName: string },
  tenant: string | undefined,
): Promise<RequestProblem | undefined> {
  const response = await send('v1/auth/password-reset', {
    ...account,
    ...(tenant !== undefined && { tenant }),
  });
  if (response === undefined) return 'offline';
  if (response.status === 202) return undefined;
  if (response.status === 429) return 'tooManyRequests';
  if (response.status !== 400) return 'unavailable';
  const { details } = (response.json ?? {}) as ErrorBody;
  return details?.issues?.some(({ path }) => path === 'tenant')
    ? 'missingOrganization'
    : 'invalidEmail';
}

/** A page without branding is better than a late one. */
const brandingTimeoutMs = 1500;

/** Finds the branding of a tenant by its slug or ID, else by the host. Null without a response. */
export async function findBranding(tenant: string | undefined): Promise<Branding | null> {
  const isId = tenant !== undefined && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(tenant);
  const query = tenant === undefined || isId ? '' : `?slug=${encodeURIComponent(tenant)}`;
  try {
    const response = await fetch(`v1/auth/providers${query}`, {
      ...(isId && { headers: { 'x-tenant-id': tenant } }),
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.timeout(brandingTimeoutMs),
    });
    return response.ok ? ((await response.json()) as { branding: Branding | null }).branding : null;
  } catch {
    return null;
  }
}

/** Longer than the timeout of the gateway. */
const timeoutMs = 31_000;

async function post<T>(path: string, body: object): Promise<Outcome<T>> {
  const response = await send(path, body);
  if (response === undefined) return { problem: 'offline' };
  const { status, json } = response;
  return status < 300 && json !== undefined
    ? { result: json as T }
    : toProblem(status, json as ErrorBody | undefined);
}

/** Response of the service. `json` is undefined for a body that is not JSON. */
interface ServiceResponse {
  readonly status: number;
  readonly json: unknown;
}

/**
 * Sends JSON to the API. The path is relative: the API is beside the page. Undefined without a
 * response.
 */
export async function send(
  path: string,
  body: object,
  accessToken?: string,
): Promise<ServiceResponse | undefined> {
  const init: RequestInit = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
    },
    body: JSON.stringify(body),
    credentials: 'omit',
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  };
  try {
    const response = await fetch(path, init);
    return { status: response.status, json: await response.json().catch(() => undefined) };
  } catch {
    return undefined;
  }
}

export interface ErrorBody {
  readonly code?: string;
  readonly details?: {
    readonly reason?: string;
    readonly credential?: string;
    readonly retryAfter?: number;
    readonly issues?: readonly { readonly path: string }[];
  };
}

const toProblem = (status: number, { code, details }: ErrorBody = {}): Outcome<never> => {
  if (code === 'password_rejected') return { rejected: details?.reason ?? 'other' };
  if (code === 'invitation_expired' || code === 'password_reset_expired')
    return { problem: 'expired' };
  if (code === 'invitation_used' || code === 'password_reset_used') return { problem: 'used' };
  if (code === 'invitation_revoked')
    return { problem: details?.reason === 'superseded' ? 'superseded' : 'revoked' };
  if (status === 403) return { problem: 'suspended' };
  if (status === 429) return { problem: 'tooManyRequests' };
  return { problem: status === 404 || status === 400 ? 'invalid' : 'unavailable' };
};
