import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { functionArn } from '../gateway/invoke.ts';

/**
 * Saves undeliverable events, like Lambda with a bucket as destination. `place` is the key without
 * the time. Without a bucket the event is dropped.
 */
export type SaveDeadLetter = (bucket: string | undefined, place: string, record: object) => void;

/** A local bucket is a folder. The key is the path of the file. */
export function createDeadLetterStore(folder: string): SaveDeadLetter {
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

/** Failed invocations of a function for one event or batch. */
export interface Invocation {
  readonly functionName: string;
  readonly condition: string;
  readonly invocations: number;
  readonly functionError?: 'Unhandled' | undefined;
}

/**
 * Fields of every kind of dead letter. A well-formed partial batch response has no `functionError`.
 */
export function buildDeadLetter({
  functionName,
  condition,
  invocations,
  functionError,
}: Invocation) {
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
