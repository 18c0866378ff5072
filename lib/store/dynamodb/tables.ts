import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Failure } from '../../domain/kernel/failure.ts';

/** The two tables, and the client for both. */
export interface Tables {
  readonly client: DynamoDBDocumentClient;
  readonly directory: string;
  /** Password hashes and client secrets; it has no stream. */
  readonly secrets: string;
}

/** On every item, so that old and new code can tell each other's apart while a deployment replaces one with the other. */
export const schemaVersion = 2;

/** True for what an `error` of the SDK says about us, and not about the state of the table or the way there. */
const isProgrammingError = (error: unknown): boolean =>
  !(error instanceof Error) || error.name === 'ValidationException' || error instanceof TypeError;

/** A store that cannot be read or written is `unavailable`: never a permit, and never a 500. */
export function toUnavailable(error: unknown): unknown {
  if (error instanceof Failure || isProgrammingError(error)) return error;
  return new Failure('unavailable', 'The directory cannot be reached right now', { cause: error });
}

/** A read that takes longer, the SDK's own retries included, leaves no time to answer. */
const readTimeoutMs = 3000;

/** Sends a read; whatever goes wrong on the way is `unavailable`. */
export async function sendRead<Output>(
  send: (options: { abortSignal: AbortSignal }) => Promise<Output>,
): Promise<Output> {
  try {
    return await send({ abortSignal: AbortSignal.timeout(readTimeoutMs) });
  } catch (error) {
    throw toUnavailable(error);
  }
}
