import type * as z from 'zod';
import { Failure } from '../domain/kernel/failure.ts';
import type { CradlIdPrefix, IdPrefix } from '../domain/kernel/ids.ts';
import type { DialectName } from './routes.ts';

/** Schema that is built on first use. A cold start builds only the schemas of its request. */
export type LazySchema<Output = unknown> = () => z.ZodType<Output>;

/** Builds a value on the first call, and returns it on all calls. */
export function buildOnce<Value extends object>(build: () => Value): () => Value {
  let value: Value | undefined;
  return () => (value ??= build());
}

/** Defers the schema of a response. Bundles omit it: only the OpenAPI document needs it. */
export const responseSchema = <Schema extends z.ZodType>(build: () => Schema): (() => Schema) =>
  buildOnce(build);

/** Response of an operation. */
export interface Reply {
  /** Overrides the status of the route. */
  readonly status?: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const noContent: Reply = { body: undefined };

/** Path parameter that names a resource, as `routes.ts` spells it. */
export interface PathParameter {
  readonly name: string;
  readonly description: string;
  readonly example: string;
}

/** Prefixes of IDs in responses. */
export interface IdPrefixes {
  readonly idPrefix: IdPrefix;
  readonly cradlIdPrefix: CradlIdPrefix;
}

/** Selects the prefix of IDs in responses of a dialect. */
export const selectIdPrefix = (
  dialect: string,
  { idPrefix, cradlIdPrefix }: IdPrefixes,
): IdPrefix => (dialect === ('cradl' satisfies DialectName) ? cradlIdPrefix : idPrefix);

/** Replaces a failure by the one that the dialect documents. */
export type ErrorMapping = (failure: Failure) => Failure;

/** Runs an operation and maps its failure, if the dialect documents another one. */
export async function withErrorMapping<Result>(
  mapError: ErrorMapping | undefined,
  operation: () => Promise<Result>,
): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    throw mapError && error instanceof Failure ? mapError(error) : error;
  }
}
