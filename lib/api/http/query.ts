import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { invalidInput } from '../../domain/kernel/failure.ts';

/**
 * Reads the query parameters. Throws `invalid_input` for a repeated one, because API Gateway joins
 * the values with a comma.
 */
export function readQuery(
  { rawQueryString, queryStringParameters = {} }: APIGatewayProxyEventV2,
  names: readonly string[],
): Readonly<Record<string, string | undefined>> {
  const parameters = new URLSearchParams(rawQueryString);
  const repeatedName = names.find((name) => parameters.getAll(name).length > 1);
  if (repeatedName !== undefined)
    throw invalidInput({ path: repeatedName, message: 'must not be repeated' });
  return queryStringParameters;
}
