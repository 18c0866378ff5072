import { authenticatedApi } from '../lib/api/http/api.ts';
import { emailVerificationHandlers } from '../lib/api/email-verification/handlers.ts';
import { selfHandlers } from '../lib/api/self/handlers.ts';
import { type AccountDeps, createAccountDeps } from '../lib/deps/account-deps.ts';

/**
 * The caller's own account, session and profiles, and requests to verify an email. Has no access to
 * password hashes.
 */
export const accountApi = (deps: AccountDeps) =>
  authenticatedApi({ ...selfHandlers(deps), ...emailVerificationHandlers(deps) }, deps);

export const handler = accountApi(createAccountDeps(process.env));
