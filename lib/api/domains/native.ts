import * as z from 'zod';
import { formatId, idPatterns, parseDomainId, toHex } from '../../domain/kernel/ids.ts';
import { getRecordName, getRecordValue } from '../../domain/domains/domain.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { nativeList } from '../lists.ts';
import { requestBody } from '../request-body.ts';
import { type DomainCodec, domainName } from './domain-codec.ts';

const time = () => z.iso.datetime();

const response = responseSchema(() =>
  z
    .strictObject({
      domainId: z.string().regex(idPatterns.domain),
      domain: z.string().meta({ description: 'Domain name with A-labels, in lower case.' }),
      verified: z.boolean(),
      verifiedTime: time().nullable(),
      verificationToken: z.string(),
      dnsRecord: z.string(),
      dnsValue: z.string(),
      createdTime: time(),
      createdBy: z.string(),
      updatedTime: time().nullable(),
      updatedBy: z.string().nullable(),
    })
    .meta({ id: 'Domain' }),
);

export const nativeDomain: DomainCodec = {
  createInput: buildOnce(() =>
    requestBody({ domain: domainName() }, 'DomainCreate').transform(({ domain }) => domain),
  ),
  response,
  list: nativeList({ itemsLabel: 'domains', field: 'domains', item: response, id: 'DomainList' }),
  pathParameter: {
    name: 'domainId',
    description: 'ID of the domain.',
    example: 'cradl:domain:0123456789ab4def8123456789abcdef',
  },
  parseDomainId,
  toResponse: (domain, idPrefix) => ({
    body: {
      domainId: formatId(idPrefix, 'domain', toHex(domain.domainId)),
      domain: domain.name,
      verified: domain.verifiedAt !== undefined,
      verifiedTime: domain.verifiedAt ?? null,
      verificationToken: domain.token,
      dnsRecord: getRecordName(domain),
      dnsValue: getRecordValue(domain),
      createdTime: domain.createdAt,
      createdBy: domain.createdBy,
      updatedTime: domain.updatedAt ?? null,
      updatedBy: domain.updatedBy ?? null,
    },
  }),
  getLocation: ({ domainId }, idPrefix) =>
    `/v1/domains/${formatId(idPrefix, 'domain', toHex(domainId))}`,
};
