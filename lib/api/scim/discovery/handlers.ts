import type { RequestContext } from '../../../domain/access/request-context.ts';
import type { Policy } from '../../../domain/access/policy.ts';
import { Failure } from '../../../domain/kernel/failure.ts';
import type { Operations } from '../../http/request.ts';
import { readQuery } from '../query.ts';
import { toResourceReply } from '../reply.ts';
import type { ScimResource } from '../schema/attribute.ts';
import { buildGroupSchema } from '../schema/group.ts';
import { buildUserSchema } from '../schema/user.ts';
import { type ScimDependencies, type ScimRequest, withConnection } from '../scim-request.ts';
import { buildResourceTypes, buildSchemas, type ScimDocument } from './schema-documents.ts';
import { buildServiceProviderConfig } from './service-provider-config.ts';

interface Dependencies extends ScimDependencies {
  readonly policy: Policy;
  /** The issuer is the public URL of the deployment. */
  readonly ownIssuer: { readonly issuer: string };
}

/**
 * Features, resource types and schemas as the connection of the caller has them, for every caller
 * of the tenant (RFC 7644 §4).
 */
export const discoveryHandlers = (deps: Dependencies) => {
  const { policy, ownIssuer, baseUrl } = deps;
  const handle = withConnection(deps);

  const discover = (build: (request: ScimRequest) => ScimResource) =>
    handle(async (request) => {
      policy.authorize(request.context, 'readSession', {});
      if (readQuery(request).filter !== undefined)
        throw new Failure('forbidden', 'Filters do not apply to discovery');
      const document = build(request);
      return 'meta' in document ? toResourceReply(document) : { body: document };
    });
  const listResourceSchemas = ({ connection }: ScimRequest) => [
    buildUserSchema(connection),
    buildGroupSchema(),
  ];
  const listSchemas = (request: ScimRequest) => buildSchemas(listResourceSchemas(request), baseUrl);
  const listResourceTypes = (request: ScimRequest) =>
    buildResourceTypes(listResourceSchemas(request), baseUrl);

  return {
    scimGetServiceProviderConfig: discover(({ connection }) =>
      buildServiceProviderConfig({
        origin: ownIssuer.issuer,
        baseUrl,
        changePassword: connection?.changePassword ?? false,
      }),
    ),
    scimListResourceTypes: discover((request) => toList(listResourceTypes(request))),
    scimGetResourceType: discover((request) =>
      findDocument(listResourceTypes(request), request.parameters['name']),
    ),
    scimListSchemas: discover((request) => toList(listSchemas(request))),
    scimGetSchema: discover((request) =>
      findDocument(listSchemas(request), request.parameters['urn']),
    ),
  } satisfies Operations<RequestContext>;
};

const toList = (documents: readonly ScimDocument[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: documents.length,
  startIndex: 1,
  itemsPerPage: documents.length,
  Resources: documents,
});

function findDocument(documents: readonly ScimDocument[], id = ''): ScimDocument {
  const found = documents.find((document) => document.id.toLowerCase() === id.toLowerCase());
  if (!found) throw new Failure('not_found', 'The document does not exist');
  return found;
}
