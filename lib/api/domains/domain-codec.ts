import * as z from 'zod';
import { canonicalizeDomain, type DomainName } from '../../domain/kernel/canonical.ts';
import type { IdPrefix, Uuid } from '../../domain/kernel/ids.ts';
import { type Domain, maxDomainLength } from '../../domain/domains/domain.ts';
import { trimText } from '../characters.ts';
import type { LazySchema, PathParameter, Reply } from '../codec.ts';
import type { ListCodec } from '../lists.ts';

export type DomainOperation =
  | 'createDomain'
  | 'listDomains'
  | 'getDomain'
  | 'verifyDomain'
  | 'deleteDomain';

/** Domains in one dialect. */
export interface DomainCodec {
  readonly createInput: LazySchema<DomainName>;
  readonly response: LazySchema;
  readonly list: ListCodec;
  readonly pathParameter: PathParameter;
  /** Returns undefined for text that is not the ID of a domain. */
  parseDomainId(parameter: string): Uuid | undefined;
  toResponse(domain: Domain, idPrefix: IdPrefix): Reply;
  /** Path of a new domain, for dialects that send `Location`. */
  getLocation?(domain: Domain, idPrefix: IdPrefix): string;
  /** Response to a verification, in a dialect that does not return the domain. */
  readonly verification?: {
    readonly response: LazySchema;
    /** A failed verification has the message of its failure. */
    toResponse(message?: string): Reply;
  };
}

/** Domain name, converted to its canonical form. */
export const domainName = () =>
  z
    .string()
    .overwrite((text) => canonicalizeDomain(trimText(text)) ?? text)
    .max(maxDomainLength, { abort: true })
    .refine(
      (name) => canonicalizeDomain(name) !== undefined,
      'must be a domain name such as acme.example',
    )
    .meta({ description: 'Domain name.', examples: ['acme.example'] });
