import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { invalidInput } from '../../domain/kernel/failure.ts';

/**
 * The query parameters of a request. Throws `invalid_input` where one of `names` is there twice: API Gateway joins them with
 * a comma, and which of them was meant is not for us to guess.
 */
export function readQuery(
  { rawQueryString, queryStringParameters = {} }: APIGatewayProxyEventV2,
  names: readonly string[],
): Readonly<Record<string, string | undefined>> {
  const parameters = new URLSearchParams(rawQueryString);
  const repeated = names.find((name) => parameters.getAll(name).length > 1);
  if (repeated !== undefined)
    throw invalidInput({ path: repeated, message: 'must not be repeated' });
  return queryStringParameters;
}
