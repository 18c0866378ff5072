import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { functionArn } from '../gateway/invoke.ts';

/** Keeps what was given up, as Lambda does in a bucket: `place` is the key but for the time. Without a bucket it is gone. */
export type KeepFailure = (bucket: string | undefined, place: string, record: object) => void;

/** The bucket is a folder, and a record a file in it, under the key that Lambda would give it. */
export function keepFailuresIn(folder: string): KeepFailure {
  return (bucket, place, record) => {
    if (bucket === undefined) return;
    const [day = '', time = ''] = new Date().toISOString().split('.', 1)[0]?.split('T') ?? [];
    const file = join(
      folder,
      bucket,
      place,
      day.replaceAll('-', '/'),
      `${day}T${time.replaceAll(':', '.')}-${randomUUID()}.json`,
    );
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(record, undefined, 2));
  };
}

/** What such a record says of every kind of invocation. Of a report of failures that was well-formed there is no `functionError`. */
export function failureRecord(
  functionName: string,
  condition: string,
  invocations: number,
  functionError?: 'Unhandled',
) {
  return {
    version: '1.0',
    timestamp: new Date().toISOString(),
    requestContext: {
      requestId: randomUUID(),
      functionArn: `${functionArn(functionName)}:$LATEST`,
      condition,
      approximateInvokeCount: invocations,
    },
    ...(invocations > 0 && {
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        ...(functionError && { functionError }),
      },
    }),
  };
}
