import { traceOf } from '../trace.ts';

interface Line {
  readonly operation: string;
  readonly dialect: string;
  readonly status: number;
  readonly code?: string | undefined;
  readonly tenant?: string | undefined;
  /** ID of the caller. */
  readonly caller?: string | undefined;
  /** ID of an erased user. */
  readonly user?: string | undefined;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly milliseconds: number;
  readonly policies?: readonly string[] | undefined;
  readonly error?: unknown;
}

/**
 * One line per request, which is its metrics too (CloudWatch embedded metric format): duration and server errors, by
 * operation and by dialect, never by tenant, since every combination is billed. It holds no path, header, body or e-mail.
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
  error,
}: Line): void {
  const line = {
    _aws: {
      Timestamp: time,
      CloudWatchMetrics: [
        {
          Namespace: 'Roster',
          Dimensions: [['operation'], ['dialect']],
          Metrics: [{ Name: 'duration', Unit: 'Milliseconds' }, { Name: 'serverErrors' }],
        },
      ],
    },
    operation,
    dialect,
    status,
    code,
    tenant,
    caller,
    user,
    requestId,
    policies,
    duration: Math.round(milliseconds * 10) / 10,
    serverErrors: status >= 500 ? 1 : 0,
    ...(error !== undefined && { error: traceOf(error) }),
  };
  // Not console.log: in Lambda it would put text before the line, and no metric would be read from it.
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
