import { toUuid, type TokenSubject } from '../link.ts';
import type { AttemptProblem, ConfirmProblem } from '../messages/page-messages.ts';
import { type ErrorBody, send } from '../api-client.ts';

/** Email or username, and password. */
export interface SignInInput {
  readonly account: string;
  readonly password: string;
}

export type ConfirmOutcome =
  | { readonly name: 'confirmed' }
  | {
      readonly name: 'link';
      readonly problem: ConfirmProblem;
      /** Requests a new link with the sign-in of this attempt. */
      readonly requestLink: () => Promise<RequestOutcome>;
    }
  | AttemptOutcome;

export interface AttemptOutcome {
  readonly name: 'attempt';
  readonly problem: AttemptProblem;
  readonly retryAfterSeconds?: number | undefined;
}

export type RequestOutcome =
  | { readonly name: 'sent' }
  | { readonly name: 'not-needed' }
  | { readonly name: 'link'; readonly problem: ConfirmProblem }
  | AttemptOutcome;

/** Signs in and uses the link. The access token stays in memory. */
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
  const response = await send('v1/users/me/credentials/confirm', { token }, accessToken);
  if (response?.status === 204) return { name: 'confirmed' };
  const problem = toLinkProblem(response);
  return problem
    ? { name: 'link', problem, requestLink: () => requestLink(accessToken) }
    : toAttemptOutcome(response);
}

async function requestLink(accessToken: string): Promise<RequestOutcome> {
  const response = await send(
    'v1/users/me/credentials/confirmation',
    { credential: 'email' },
    accessToken,
  );
  if (response?.status === 204) return { name: 'sent' };
  // The email of the account is not limited.
  if (response?.status === 400) return { name: 'not-needed' };
  const problem = toLinkProblem(response);
  return problem ? { name: 'link', problem } : toAttemptOutcome(response);
}

type Response = Awaited<ReturnType<typeof send>>;

/** 400 is text that no account or password can have. */
function toSignInOutcome(response: Response): AttemptOutcome {
  if (response?.status === 400 || response?.status === 401)
    return { name: 'attempt', problem: 'wrongPassword' };
  return toAttemptOutcome(response);
}

function toLinkProblem(response: Response): ConfirmProblem | undefined {
  const { code, details } = (response?.json ?? {}) as ErrorBody;
  if (code === 'confirmation_expired') return 'expired';
  if (code === 'not_found') return 'used';
  if (code === 'forbidden')
    return details?.credential === 'identity' ? 'identity' : 'limitedPassword';
  if (code === 'account_suspended' || code === 'tenant_suspended') return 'suspended';
  return undefined;
}

function toAttemptOutcome(response: Response): AttemptOutcome {
  if (response === undefined) return { name: 'attempt', problem: 'offline' };
  if (response.status !== 429) return { name: 'attempt', problem: 'unavailable' };
  const { details } = (response.json ?? {}) as ErrorBody;
  return { name: 'attempt', problem: 'tooManyRequests', retryAfterSeconds: details?.retryAfter };
}
