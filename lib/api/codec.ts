import { Failure } from '../domain/kernel/failure.ts';

/** What a dialect says instead of a failure, where its documentation gives another answer to it. */
export type ErrorMapping = (failure: Failure) => Failure;

/** Throws again what an operation has thrown, as the dialect says it. */
export const withErrorMapping =
  (asDocumented: ErrorMapping | undefined) =>
  (error: unknown): never => {
    throw error instanceof Failure && asDocumented ? asDocumented(error) : error;
  };
