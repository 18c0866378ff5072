import { Failure } from '../../../domain/kernel/failure.ts';
import { isJsonObject } from '../../../domain/kernel/json-merge-patch.ts';
import type { ScimRequest } from '../scim-request.ts';
import type { RawParameters } from './list-parameters.ts';

/** Reads the parameters of a SearchRequest (RFC 7644 §3.4.3). Throws `malformed_json`. */
export function readSearch({ body }: Pick<ScimRequest, 'body'>): RawParameters {
  if (isJsonObject(body)) return body;
  throw new Failure('malformed_json', 'The request body must be an object');
}
