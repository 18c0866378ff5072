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
  /** IDs of the deciding policies. If none permits the request, of those that could have. */
  readonly policies?: readonly string[] | undefined;
  /** Permissions that a denied caller lacks. */
  readonly missingPermissions?: readonly string[] | undefined;
  readonly error?: unknown;
}

/**
 * Logs a request, with its metrics in the same line. Operation and dialect are not
 * dimensions, because CloudWatch bills each combination. Never logs paths, headers, bodies or
 * emails.
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
  // In Lambda, console.log adds a prefix that breaks the metric format.
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
