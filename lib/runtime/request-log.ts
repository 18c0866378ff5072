import { emfMetrics } from './metrics.ts';
import { toErrorTrace } from './error-trace.ts';

interface Line {
  readonly operation: string;
  readonly dialect: string;
  readonly status: number;
  readonly code?: string | undefined;
  readonly tenant?: string | undefined;
  /** ID of the caller, once a token or key is verified. */
  readonly caller?: string | undefined;
  /** ID of an erased user. */
  readonly user?: string | undefined;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly milliseconds: number;
  /** IDs of the policies that decided; of a call that none permitted, of those that would have. */
  readonly policies?: readonly string[] | undefined;
  /** Permissions that a denied caller lacks. */
  readonly missingPermissions?: readonly string[] | undefined;
  readonly error?: unknown;
}

/**
 * One line per request, which carries its metrics too: duration and server errors. Operation and dialect are fields to query and not
 * dimensions, because CloudWatch bills each combination. It has no path, header, body or email.
 */
export function logRequest({
  operation,
  dialect,
  status,
  code,
  tenant,
  caller,
  user,
  requestId,
  time,
  milliseconds,
  policies,
  missingPermissions = [],
  error,
}: Line): void {
  const line = {
    ...emfMetrics(time, [{ Name: 'duration', Unit: 'Milliseconds' }, { Name: 'serverErrors' }]),
    operation,
    dialect,
    status,
    code,
    tenant,
    caller,
    user,
    requestId,
    policies,
    ...(missingPermissions.length > 0 && { missingPermissions }),
    duration: Math.round(milliseconds * 10) / 10,
    serverErrors: status >= 500 ? 1 : 0,
    ...(error !== undefined && { error: toErrorTrace(error) }),
  };
  // Not console.log: in Lambda it would put text before the line, and no metric would be read from it.
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
