import { maxBulkOperations } from '../bulk/parse-bulk.ts';

/** Limits that clients read before they send requests. */
const scimLimits = {
  maxBulkBytes: 1024 * 1024,
  defaultPageSize: 100,
  maxPageSize: 200,
  cursorLifetimeSeconds: 24 * 3600,
} as const;

interface ConfigOptions {
  /** Public URL of the deployment. */
  readonly origin: string;
  /** Public URL of the SCIM API. */
  readonly baseUrl: string;
  /** True if the connection accepts passwords. */
  readonly changePassword: boolean;
}

/** Builds the features of the API (RFC 7643 §5, RFC 9865 §4). */
export const buildServiceProviderConfig = ({ origin, baseUrl, changePassword }: ConfigOptions) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  documentationUri: `${origin}/docs`,
  patch: { supported: true },
  bulk: {
    supported: true,
    maxOperations: maxBulkOperations,
    maxPayloadSize: scimLimits.maxBulkBytes,
  },
  filter: { supported: true, maxResults: scimLimits.maxPageSize },
  changePassword: { supported: changePassword },
  sort: { supported: true },
  etag: { supported: true },
  pagination: {
    cursor: true,
    index: true,
    defaultPaginationMethod: 'index',
    defaultPageSize: scimLimits.defaultPageSize,
    maxPageSize: scimLimits.maxPageSize,
    cursorTimeout: scimLimits.cursorLifetimeSeconds,
  },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Bearer token',
      description: 'Token of a SCIM connection, or an access token',
      specUri: 'https://www.rfc-editor.org/info/rfc6750',
      primary: true,
    },
    {
      type: 'httpbasic',
      name: 'HTTP Basic',
      description: 'Client ID and token of a SCIM connection',
      specUri: 'https://www.rfc-editor.org/info/rfc7617',
      primary: false,
    },
  ],
  meta: {
    resourceType: 'ServiceProviderConfig',
    location: `${baseUrl}/ServiceProviderConfig`,
  },
});
