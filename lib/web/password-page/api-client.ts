import type { Purpose } from './languages.ts';
import type { Problem } from './messages.ts';

/** What is said of an invitation that can be accepted, and of a link for a new password that can be used. */
export interface Invitation {
  readonly email: string;
  readonly name: string | null;
  readonly tenant: { readonly name: string };
  readonly identity: { readonly issuer: string } | null;
  readonly locale: string;
  readonly expiresTime: string;
  readonly password: { readonly minimumLength: number; readonly mustNotContain: readonly string[] };
}

/** What is said once the password is set. */
export interface Accepted {
  /** Of an invitation. */
  readonly refusedRoleIds?: readonly string[];
  readonly continueUrl: string | null;
}

/** An answer of the service: what was asked for, why it cannot be, or what is wrong with the password. */
export type Outcome<T> =
  | { readonly answer: T }
  | { readonly problem: Problem }
  | { readonly rejected: string };

const paths: Readonly<Record<Purpose, { readonly inspect: string; readonly use: string }>> = {
  invitation: { inspect: 'v1/invitations/inspect', use: 'v1/invitations/accept' },
  reset: { inspect: 'v1/auth/password-reset/inspect', use: 'v1/auth/password-reset/complete' },
};

/** Reads what a link is about; uses nothing up. */
export const inspect = (purpose: Purpose, token: string): Promise<Outcome<Invitation>> =>
  post(paths[purpose].inspect, { token });

/** Sets the password: from then on the link is worth nothing. */
export const use = (
  purpose: Purpose,
  token: string,
  password: string,
): Promise<Outcome<Accepted>> => post(paths[purpose].use, { token, password });

/** Longer than the gateway lets any request take. */
const patience = 31_000;

async function post<T>(path: string, body: object): Promise<Outcome<T>> {
  const response = await send(path, body);
  if (response === undefined) return { problem: 'offline' };
  const { status, json } = response;
  return status < 300 && json !== undefined
    ? { answer: json as T }
    : refusal(status, json as Failed | undefined);
}

/** Response of the service. `json` is undefined for a body that is not JSON. */
interface ServiceResponse {
  readonly status: number;
  readonly json: unknown;
}

/** Sends JSON to the API. The path is relative: the API is beside the page. Undefined without a response. */
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
    signal: AbortSignal.timeout(patience),
  };
  try {
    const response = await fetch(path, init);
    return { status: response.status, json: await response.json().catch(() => undefined) };
  } catch {
    return undefined;
  }
}

interface Failed {
  readonly code?: string;
  readonly details?: { readonly reason?: string };
}

const refusal = (status: number, { code, details }: Failed = {}): Outcome<never> => {
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
