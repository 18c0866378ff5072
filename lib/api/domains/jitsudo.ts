import * as z from 'zod';
import { uuidPattern } from '../../domain/kernel/ids.ts';
import { getRecordName, getRecordValue } from '../../domain/domains/domain.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { jitsudoList } from '../lists.ts';
import { requestBody } from '../request-body.ts';
import { type DomainCodec, domainName } from './domain-codec.ts';

const time = () => z.iso.datetime();

const response = responseSchema(() =>
  z
    .strictObject({
      id: z.string(),
      domain: z.string().meta({ description: 'Domain name with A-labels, in lower case.' }),
      verified: z.boolean(),
      verified_at: time().nullable(),
      verification_token: z.string(),
      dns_record: z.string(),
      dns_value: z.string(),
      created_at: time(),
    })
    .meta({ id: 'JitsudoDomain' }),
);

/** Domains of JITSudo, `/v1/domains` (jitsudo-docs, operations createDomain and verifyDomain). */
export const jitsudoDomain: DomainCodec = {
  createInput: buildOnce(() =>
    requestBody({ domain: domainName() }, 'JitsudoDomainCreate').transform(({ domain }) => domain),
  ),
  response,
  list: jitsudoList({ itemsLabel: 'domains', item: response, id: 'JitsudoDomainList' }),
  pathParameter: {
    name: 'id',
    description: 'ID of the domain.',
    example: '01234567-89ab-4def-8123-456789abcdef',
  },
  parseDomainId: (id) => (uuidPattern.test(id) ? id.toLowerCase() : undefined),
  toResponse: (domain) => ({
    body: {
      id: domain.domainId,
      domain: domain.name,
      verified: domain.verifiedAt !== undefined,
      verified_at: domain.verifiedAt ?? null,
      verification_token: domain.token,
      dns_record: getRecordName(domain),
      dns_value: getRecordValue(domain),
      created_at: domain.createdAt,
    },
  }),
  verification: {
    response: responseSchema(() =>
      z
        .strictObject({ verified: z.boolean(), message: z.string() })
        .meta({ id: 'JitsudoDomainVerification' }),
    ),
    toResponse: (message) => ({
      body: { verified: message === undefined, message: message ?? 'The domain is verified.' },
    }),
  },
};
