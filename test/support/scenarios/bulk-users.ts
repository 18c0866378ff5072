/** Imports of users. */
import type { Service, TestRequest, TestResponse } from '../service.ts';

/** Sends rows to the bulk endpoint. */
export const importRows = (
  service: Service,
  users: readonly object[],
  options: object,
  sent: TestRequest,
): Promise<TestResponse> => service.post('/v1/users/bulk', { ...options, users }, sent);

/** Lists the outcome of each row, or the code and the field of its error. */
export const listOutcomes = (body: TestResponse['body']): string[] =>
  (
    body.results as {
      outcome: string;
      error: { code: string; details: { field?: string } } | null;
    }[]
  ).map(({ outcome, error }) =>
    [
      ...(outcome === 'failed' ? [] : [outcome]),
      ...(error ? [error.code, ...(error.details.field ? [error.details.field] : [])] : []),
    ].join(' '),
  );
