import type { Problem, VerifyProblem } from '../messages/page-messages.ts';
import { type Branding, type ErrorBody, send } from '../api-client.ts';

/** Details of an open verification link. */
export interface VerificationDetails {
  readonly email: string;
  readonly tenant: { readonly name: string };
  readonly branding: Branding | null;
  readonly locale: string;
  readonly expiresTime: string;
}

/** Result of using a link. */
export interface Verified {
  readonly email: string;
  readonly continueUrl: string;
}

export type VerifyFailure =
  | VerifyProblem
  | Extract<Problem, 'tooManyRequests' | 'offline' | 'unavailable'>;

export type Outcome<T> = { readonly result: T } | { readonly problem: VerifyFailure };

/** Reads the details of a link. The link stays valid. */
export const inspectLink = (token: string): Promise<Outcome<VerificationDetails>> =>
  post('v1/auth/email-verification/inspect', token);

/** Verifies the email. The link works once. */
export const useLink = (token: string): Promise<Outcome<Verified>> =>
  post('v1/auth/email-verification/complete', token);

async function post<T>(path: string, token: string): Promise<Outcome<T>> {
  const response = await send(path, { token });
  if (response === undefined) return { problem: 'offline' };
  const { status, json } = response;
  if (status === 200 && json !== undefined) return { result: json as T };
  return { problem: toProblem(status, json as ErrorBody | undefined) };
}

function toProblem(status: number, { code }: ErrorBody = {}): VerifyFailure {
  if (code === 'email_verification_expired') return 'expired';
  if (code === 'email_verification_used') return 'used';
  if (code === 'user_exists') return 'taken';
  if (status === 403) return 'suspended';
  if (status === 429) return 'tooManyRequests';
  return status === 404 || status === 400 ? 'invalid' : 'unavailable';
}
