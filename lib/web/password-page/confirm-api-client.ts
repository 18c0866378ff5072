import type { AttemptProblem, LinkProblem } from './confirm-messages.ts';
import { send } from './api-client.ts';

/** IDs in the token of a link, in lowercase hex without hyphens. */
export interface TokenSubject {
  readonly tenantId: string;
  readonly userId: string;
}

/** Email or username, and password. */
export interface SignInInput {
  readonly account: string;
  readonly password: string;
}

export type ConfirmOutcome =
  | { readonly name: 'confirmed' }
  | { readonly name: 'link'; readonly problem: LinkProblem }
  | {
      readonly name: 'attempt';
      readonly problem: AttemptProblem;
      readonly retryAfterSeconds?: number | undefined;
    };

const tokenPattern = /^[\w-]{92}$/;
const tokenFormat = '01';

/** Parses the IDs in the token of a link. They are not verified. Undefined for text that cannot be a token. */
export function parseTokenSubject(token: string): TokenSubject | undefined {
  if (!tokenPattern.test(token)) return undefined;
  const bytes = atob(token.replaceAll('-', '+').replaceAll('_', '/'));
  const hex = [...bytes].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  return hex.startsWith(tokenFormat)
    ? { tenantId: hex.slice(2, 34), userId: hex.slice(34, 66) }
    : undefined;
}

/** Signs in and uses the link. The access token stays in memory and is dropped afterwards. */
export async function confirmEmail(
  token: string,
  { tenantId, userId }: TokenSubject,
  input: SignInInput,
): Promise<ConfirmOutcome> {
  const { account, password } = input;
  const name = account.includes('@') ? { email: account } : { userName: account };
  const signIn = await send('v1/auth/token', { tenant: toUuid(tenantId), ...name, password });
  const { accessToken, userId: signedInId } = (signIn?.json ?? {}) as {
    accessToken?: string;
    userId?: string;
  };
  if (signIn?.status !== 200 || accessToken === undefined) return toSignInOutcome(signIn);
  if (!signedInId?.endsWith(`:${userId}`)) return { name: 'attempt', problem: 'otherAccount' };
  return toConfirmOutcome(await send('v1/users/me/credentials/confirm', { token }, accessToken));
}

const toUuid = (hex: string): string =>
  hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');

type Response = Awaited<ReturnType<typeof send>>;

interface ErrorBody {
  readonly code?: string;
  readonly details?: { readonly credential?: string; readonly retryAfter?: number };
}

/** 400 is text that no account or password can have. */
function toSignInOutcome(response: Response): ConfirmOutcome {
  if (response?.status === 400 || response?.status === 401)
    return { name: 'attempt', problem: 'wrongPassword' };
  return toAttemptOutcome(response);
}

function toConfirmOutcome(response: Response): ConfirmOutcome {
  if (response?.status === 204) return { name: 'confirmed' };
  const { code, details } = (response?.json ?? {}) as ErrorBody;
  if (code === 'confirmation_expired') return { name: 'link', problem: 'expired' };
  if (code === 'not_found') return { name: 'link', problem: 'used' };
  if (code === 'forbidden')
    return {
      name: 'link',
      problem: details?.credential === 'identity' ? 'identity' : 'limitedPassword',
    };
  if (code === 'account_suspended' || code === 'tenant_suspended')
    return { name: 'link', problem: 'suspended' };
  return toAttemptOutcome(response);
}

function toAttemptOutcome(response: Response): ConfirmOutcome {
  if (response === undefined) return { name: 'attempt', problem: 'offline' };
  if (response.status !== 429) return { name: 'attempt', problem: 'unavailable' };
  const { details } = (response.json ?? {}) as ErrorBody;
  return { name: 'attempt', problem: 'tooManyRequests', retryAfterSeconds: details?.retryAfter };
}
