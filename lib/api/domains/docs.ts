import { Failure } from '../../domain/kernel/failure.ts';
import { exampleCreatedTime, exampleUpdatedTime } from '../doc-parts.ts';
import type { OperationContent, ResourceDoc } from '../operation-doc.ts';
import type { DomainCodec, DomainOperation } from './domain-codec.ts';
import { jitsudoDomain } from './jitsudo.ts';
import { nativeDomain } from './native.ts';

interface Dialect {
  readonly codec: DomainCodec;
  readonly domain: object;
  /** Fields that the verification changes. */
  readonly change: object;
}

const domain = 'acme.example';
const token = '3f2a9c81d7e64b05a1c8f0e2d4b69753';
const dnsRecord = `_roster.${domain}`;
const dnsValue = `roster-verification=${token}`;

const dialects: Readonly<Record<'native' | 'jitsudo', Dialect>> = {
  native: {
    codec: nativeDomain,
    domain: {
      domainId: nativeDomain.pathParameter.example,
      domain,
      verified: false,
      verifiedTime: null,
      verificationToken: token,
      dnsRecord,
      dnsValue,
      createdTime: exampleCreatedTime,
      createdBy: 'admin',
      updatedTime: null,
      updatedBy: null,
    },
    change: {
      verified: true,
      verifiedTime: exampleUpdatedTime,
      updatedTime: exampleUpdatedTime,
      updatedBy: 'admin',
    },
  },
  jitsudo: {
    codec: jitsudoDomain,
    domain: {
      id: jitsudoDomain.pathParameter.example,
      domain,
      verified: false,
      verified_at: null,
      verification_token: token,
      dns_record: dnsRecord,
      dns_value: dnsValue,
      created_at: exampleCreatedTime,
    },
    change: {},
  },
};

const describe =
  (content: (dialect: Dialect) => OperationContent) =>
  (name: keyof typeof dialects): OperationContent => ({
    parameter: dialects[name].codec.pathParameter,
    ...content(dialects[name]),
  });

const domainNotFound = {
  text: 'the domain does not exist in this tenant',
  example: new Failure('not_found', 'The domain does not exist in this tenant'),
};

/** OpenAPI texts of domains. */
export const domainDoc: ResourceDoc<DomainOperation> = {
  name: 'Domains',
  description:
    'Email domains of a tenant. A DNS record proves control of a domain, and a verified domain leads its users to the tenant when they sign in.',
  operations: {
    createDomain: {
      summary: 'Add a domain',
      description:
        'Adds an unverified domain to the tenant. Publish a TXT record with the returned name and value, then verify the domain. Requires the permission `tenant:update`. A tenant can have 50 domains. Several tenants can add the same domain, but only one can verify it. A public suffix, such as `co.uk`, and a domain of an email provider are 422.',
      errors: { domain_exists: {}, domain_limit_reached: {}, domain_rejected: {} },
      content: describe(({ codec, domain: example }) => ({
        request: { schema: codec.createInput(), example: { domain } },
        response: { schema: codec.response(), example },
        responseDescription: 'The added domain.',
        ...(codec.getLocation && { location: `/v1/domains/${codec.pathParameter.example}` }),
      })),
    },
    listDomains: {
      summary: 'List domains',
      description:
        'Returns the domains of the tenant in the order of their names, one page at a time. Requires the permission `tenant:read`.',
      content: describe(({ codec: { list }, domain: example }) => ({
        query: list.query(),
        response: { schema: list.response(), example: list.toResponse([example], undefined) },
        responseDescription: 'A page of domains.',
      })),
    },
    getDomain: {
      summary: 'Get a domain',
      description: 'Returns a domain of the tenant. Requires the permission `tenant:read`.',
      errors: { not_found: domainNotFound },
      content: describe(({ codec, domain: example }) => ({
        response: { schema: codec.response(), example },
        responseDescription: 'The domain.',
      })),
    },
    verifyDomain: {
      summary: 'Verify a domain',
      description:
        'Looks up the TXT record of the domain and verifies the domain if the record has its value. A verified domain stays verified without a look-up. Requires the permission `tenant:update`. If another tenant has verified the domain, the response is 409. Each week the service looks up the record again. After 3 failed look-ups in a row, a day apart, the domain is no longer verified.',
      dialectNotes: {
        jitsudo:
          'Without the expected record, the response is 200 with `verified` false and the reason in `message`.',
      },
      errors: { not_found: domainNotFound, domain_taken: {} },
      content: (name) =>
        describe(({ codec: { response, verification }, domain: example, change }) => ({
          response: verification
            ? {
                schema: verification.response(),
                example: { verified: true, message: 'The domain is verified.' },
              }
            : { schema: response(), example: { ...example, ...change } },
          responseDescription: verification ? 'The result.' : 'The verified domain.',
          ...(name === 'native' && { errors: { domain_unverified: {} } }),
        }))(name),
    },
    deleteDomain: {
      summary: 'Delete a domain',
      description:
        'Removes the domain from the tenant. Another tenant can then verify it. Users keep their emails. Requires the permission `tenant:update`.',
      errors: { not_found: domainNotFound },
      content: describe(() => ({ responseDescription: 'No content.' })),
    },
  },
};
