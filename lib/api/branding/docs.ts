import { logoTypes } from '../../domain/branding/logo.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import { exampleLogoVersion, exampleTenantId } from '../doc-parts.ts';
import type { ResourceDoc } from '../operation-doc.ts';

/** OpenAPI texts of logos. */
export const brandingDoc: ResourceDoc<'getLogo'> = {
  name: 'Branding',
  description:
    'Logos of tenants, for pages and emails. `PATCH /v1/tenants/{tenantId}` changes the branding.',
  operations: {
    getLogo: {
      summary: 'Get a logo',
      description:
        'Returns the image of a tenant, for pages and emails. No token is required. The URL is in the branding of the tenant and changes with the image, so clients can cache the response for a year.',
      errors: {
        not_found: {
          text: 'the tenant does not exist or its current logo has another version. The response does not reveal which',
          example: new Failure('not_found', 'The logo does not exist'),
        },
        unavailable: {},
      },
      content: () => ({
        parameter: { name: 'tenantId', description: 'ID of the tenant.', example: exampleTenantId },
        childParameter: {
          name: 'version',
          description: 'Version of the image.',
          example: exampleLogoVersion,
        },
        response: logoTypes.map((type) => ({ name: 'logo', type })),
        responseDescription: 'The image.',
        hasEtag: true,
      }),
    },
  },
};
