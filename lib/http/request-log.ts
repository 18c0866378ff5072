interface Line {
  readonly operation: string;
  readonly dialect: string;
  readonly status: number;
  readonly code?: string | undefined;
  readonly tenant?: string | undefined;
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
export function logRequest({ operation, dialect, status, code, tenant, requestId, time, milliseconds, policies, error }: Line): void {
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
    requestId,
    policies,
    duration: Math.round(milliseconds * 10) / 10,
    serverErrors: status >= 500 ? 1 : 0,
    ...(error !== undefined && { error: traceOf(error) }),
  };
  // Not console.log: in Lambda it would put text before the line, and no metric would be read from it.
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/**
 * Where an error came from: the names along its chain of causes, and the places of the innermost. Not the messages, which
 * may quote input.
 */
function traceOf(error: unknown): { names: string[]; at: string[] } {
  const names: string[] = [];
  let at: string[] = [];
  for (let cause = error; cause instanceof Error && names.length < 5; cause = cause.cause) {
    names.push(cause.name);
    const { message, stack = '' } = cause;
    at = stack
      .slice(stack.indexOf(message) + message.length)
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .map((line) => line.trim().slice(0, 200))
      .slice(0, 5);
  }
  return { names: names.length > 0 ? names : [typeof error], at };
}
