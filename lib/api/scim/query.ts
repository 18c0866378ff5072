import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { invalidInput } from '../../domain/kernel/failure.ts';

/** Parameters of RFC 7644 §3.4.2 and RFC 9865. Other names are ignored. */
const parameterNames = [
  'filter',
  'attributes',
  'excludedAttributes',
  'sortBy',
  'sortOrder',
  'startIndex',
  'count',
  'cursor',
] as const;

export type QueryParameters = Readonly<Partial<Record<(typeof parameterNames)[number], string>>>;

/**
 * Reads the query parameters, whose names can have any case. Throws `invalid_input` for a repeated
 * or an undecodable one.
 */
export function readQuery({
  event: { rawQueryString },
}: {
  readonly event: Pick<APIGatewayProxyEventV2, 'rawQueryString'>;
}): QueryParameters {
  const parameters: Partial<Record<(typeof parameterNames)[number], string>> = {};
  for (const part of rawQueryString.split('&')) {
    const [rawName = ''] = part.split('=', 1);
    const lowerCaseName = rawName.toLowerCase();
    const name = parameterNames.find((known) => known.toLowerCase() === lowerCaseName);
    if (name === undefined) continue;
    if (parameters[name] !== undefined)
      throw invalidInput({ path: name, message: 'must not be repeated' });
    parameters[name] = decode(part.slice(rawName.length + 1), name);
  }
  return parameters;
}

/**
 * Decodes a value. `+` is a space, as in forms, unless the value has `%20` for spaces: then it is
 * part of an email.
 */
function decode(text: string, name: string): string {
  try {
    return decodeURIComponent(text.includes('%20') ? text : text.replaceAll('+', ' '));
  } catch {
    throw invalidInput({ path: name, message: 'must be percent-encoded UTF-8' });
  }
}
