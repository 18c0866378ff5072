import type { ScimResource } from '../schema/attribute.ts';

const listResponseUrn = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

/** Resources of one page. */
export interface ResourcePage {
  readonly resources: readonly ScimResource[];
  /** Undefined for a page by cursor whose total would cost a scan. */
  readonly totalResults: number | undefined;
  /** Undefined for a page by cursor. */
  readonly startIndex?: number | undefined;
  readonly nextCursor?: string | undefined;
}

/** Builds a ListResponse (RFC 7644 §3.4.2, RFC 9865 §2). */
export const toListResponse = ({
  resources,
  totalResults,
  startIndex,
  nextCursor,
}: ResourcePage) => ({
  schemas: [listResponseUrn],
  ...(totalResults !== undefined && { totalResults }),
  ...(startIndex !== undefined && { startIndex }),
  itemsPerPage: resources.length,
  ...(nextCursor !== undefined && { nextCursor }),
  Resources: resources,
});
