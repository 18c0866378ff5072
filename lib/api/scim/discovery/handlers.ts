import type { Policy } from '../../../domain/access/policy.ts';
import type { RequestContext } from '../../../domain/access/request-context.ts';
import { Failure } from '../../../domain/kernel/failure.ts';
import type { Reply } from '../../codec.ts';
import type { AuthenticatedRequest, Operations } from '../../http/request.ts';
import { buildGroupSchema } from '../schema/group.ts';
import { buildUserSchema } from '../schema/user.ts';
import { buildResourceTypes, buildSchemas, type ScimDocument } from './schema-documents.ts';
import { buildServiceProviderConfig } from './service-provider-config.ts';

interface Dependencies {
  readonly policy: Policy;
  /** The issuer is the public URL of the deployment. */
  readonly ownIssuer: { readonly issuer: string };
}

/** Features, resource types and schemas, for every caller of the tenant (RFC 7644 §4). */
export const discoveryHandlers = ({ policy, ownIssuer: { issuer } }: Dependencies) => {
  const baseUrl = `${issuer}/scim/v2`;

  const authorize = ({ context, event }: AuthenticatedRequest): void => {
    policy.authorize(context, 'readSession', {});
    if (new URLSearchParams(event.rawQueryString).has('filter'))
      throw new Failure('forbidden', 'Filters do not apply to discovery');
  };
  const listSchemas = () => buildSchemas([buildUserSchema(), buildGroupSchema()], baseUrl);
  const listResourceTypes = () =>
    buildResourceTypes([buildUserSchema(), buildGroupSchema()], baseUrl);

  return {
    scimGetServiceProviderConfig: async (request) => {
      authorize(request);
      const options = { origin: issuer, baseUrl, changePassword: false };
      return { body: buildServiceProviderConfig(options) };
    },
    scimListResourceTypes: async (request) => {
      authorize(request);
      return toList(listResourceTypes());
    },
    scimGetResourceType: async (request) => {
      authorize(request);
      return { body: findDocument(listResourceTypes(), request.parameters['name']) };
    },
    scimListSchemas: async (request) => {
      authorize(request);
      return toList(listSchemas());
    },
    scimGetSchema: async (request) => {
      authorize(request);
      return { body: findDocument(listSchemas(), request.parameters['urn']) };
    },
  } satisfies Operations<RequestContext>;
};

const toList = (documents: readonly ScimDocument[]): Reply => ({
  body: {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: documents.length,
    startIndex: 1,
    itemsPerPage: documents.length,
    Resources: documents,
  },
});

function findDocument(documents: readonly ScimDocument[], id = ''): ScimDocument {
  const found = documents.find((document) => document.id.toLowerCase() === id.toLowerCase());
  if (!found) throw new Failure('not_found', 'The document does not exist');
  return found;
}
