import type { Reply } from '../codec.ts';
import type { ScimResource } from './schema/attribute.ts';

/**
 * Builds the response with a resource. `Location` and `ETag` repeat `meta`, which the projection in
 * the body can lack.
 */
export function toResourceReply(resource: ScimResource, body: ScimResource = resource): Reply {
  const { location, version } = resource['meta'] as Readonly<Record<string, string>>;
  return {
    body,
    headers: {
      ...(location !== undefined && { location }),
      ...(version !== undefined && { etag: version }),
    },
  };
}
