import type { RequestContext } from '../../domain/access/request-context.ts';
import { type AuthDependencies, createAuthenticator } from '../auth/authenticate.ts';
import type { Dialects } from './match-route.ts';
import { createPipeline } from './pipeline.ts';
import type { DenialDependencies } from './record-denial.ts';
import type { Operations } from './request.ts';

/**
 * Lambda handler of routes that require a token or API key. Throws if an operation has a public
 * route.
 */
export const authenticatedApi = (
  operations: Operations<RequestContext>,
  deps: AuthDependencies & DenialDependencies,
  dialects?: Dialects,
) =>
  createPipeline({
    operations,
    dialects,
    access: 'bearer',
    authenticate: createAuthenticator(deps),
    loadDenialRecorder:
      deps.activity &&
      (async () => (await import('./record-denial.ts')).createDenialRecorder(deps)),
  });

/** Lambda handler of public routes. Throws if an operation has a route that requires a token. */
export const publicApi = (operations: Operations<undefined>, dialects?: Dialects) =>
  createPipeline({ operations, dialects, access: 'public', authenticate: async () => undefined });
