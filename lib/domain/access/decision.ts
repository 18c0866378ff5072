import type { Failure, FailureCode } from '../kernel/failure.ts';
import type { DeploymentContext } from './request-context.ts';

/** True if exactly one policy decision was made and it allowed the operation. */
export const isAllowed = ({ decisions }: DeploymentContext): boolean =>
  decisions.length === 1 && decisions[0]?.allowed === true;

/** True if the policies would decide the same in both contexts. */
export const hasSamePermissions = (
  { principal }: DeploymentContext,
  { principal: other }: DeploymentContext,
): boolean =>
  principal.permissions.join() === other.permissions.join() &&
  principal.groups.join() === other.groups.join();

/** Failures that depend only on the request, not on data of the tenant. */
const preAuthorizationCodes: readonly FailureCode[] = [
  'malformed_json',
  'invalid_input',
  'invalid_filter',
  'invalid_path',
  'invalid_count',
  'no_target',
  'immutable_attribute',
  'payload_too_large',
  'unsupported_media_type',
  'unavailable',
];

/** True if a failure reveals nothing that the policies did not allow the caller to know. */
export const isSafeToReveal = (
  { code }: Failure,
  context: DeploymentContext | undefined,
): boolean =>
  context === undefined ||
  context.decisions.length === 1 ||
  (context.decisions.length === 0 && preAuthorizationCodes.includes(code));
