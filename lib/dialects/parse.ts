import type * as z from 'zod';
import { Failure } from '../domain/failure.ts';

const mostIssues = 20;

/** Parses a body or a query with a dialect's schema; throws `invalid_input` with an issue for each thing that is wrong. */
export function parse<Output>(schema: z.ZodType<Output>, body: unknown): Output {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, mostIssues).map(({ path, message }) => ({
    path: path.join('.').slice(0, 200),
    message: message.slice(0, 300),
  }));
  throw new Failure('invalid_input', 'The request is not what was expected', { details: { issues } });
}
