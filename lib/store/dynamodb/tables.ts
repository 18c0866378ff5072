import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Failure } from '../../domain/kernel/failure.ts';

/** Names of both tables, and the client for them. */
export interface Tables {
  readonly client: DynamoDBDocumentClient;
  readonly directory: string;
  /** Table of password hashes and client secrets. It has no stream. */
  readonly secrets: string;
}
export type Directory = Pick<Tables, 'client' | 'directory'>;
export type Secrets = Pick<Tables, 'client' | 'secrets'>;

/** Format of the items, stored in each of them. `npm run migrate` upgrades older ones. */
export const schemaVersion = 3;

/** Time limit of a request, including the SDK's retries. It leaves time for the response. */
const timeoutMs = 3000;

/** Sends a request. Throws `unavailable` if it fails, or for items of another schema version. */
export async function sendRequest<Output extends object>(
  send: (options: { abortSignal: AbortSignal }) => Promise<Output>,
): Promise<Output> {
  try {
    const output = await send({ abortSignal: AbortSignal.timeout(timeoutMs) });
    assertSchemaVersion(output);
    return output;
  } catch (error) {
    throw toUnavailable(error);
  }
}

/** Sends a conditional write. False if the condition failed. Throws `unavailable`. */
export async function sendConditionalWrite(
  send: (options: { abortSignal: AbortSignal }) => Promise<object>,
): Promise<boolean> {
  const { isWritten } = await sendRequest(async (options) => ({
    isWritten: await catchFailedCondition(send(options)),
  }));
  return isWritten;
}

/** Resolves to true for a written item, and to false if the condition of the write failed. */
export const catchFailedCondition = (write: Promise<object>): Promise<boolean> =>
  write.then(
    () => true,
    (error: unknown) => {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    },
  );

type Item = Readonly<Record<string, unknown>>;

interface ReadOutput {
  readonly Item?: Item;
  readonly Items?: readonly Item[];
  readonly Responses?: Readonly<Record<string, readonly Item[]>>;
}

/** Projections and index entries have no version. */
function assertSchemaVersion({ Item: item, Items = [], Responses = {} }: ReadOutput): void {
  for (const { schemaVersion: version = schemaVersion } of [
    ...(item ? [item] : []),
    ...Items,
    ...Object.values(Responses).flat(),
  ])
    if (version !== schemaVersion)
      throw new Error(`Item of schema version ${String(version)}, expected ${schemaVersion}`);
}

/** Converts an error of the SDK to `unavailable`. Programming errors stay as they are. */
export function toUnavailable(error: unknown): unknown {
  if (error instanceof Failure || isProgrammingError(error)) return error;
  return new Failure('unavailable', 'The directory cannot be reached right now', { cause: error });
}

const isProgrammingError = (error: unknown): boolean =>
  !(error instanceof Error) || error.name === 'ValidationException' || error instanceof TypeError;
