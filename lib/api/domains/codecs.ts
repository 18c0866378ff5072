import type { DialectsServing } from '../routes.ts';
import type { DomainCodec, DomainOperation } from './domain-codec.ts';
import { jitsudoDomain } from './jitsudo.ts';
import { nativeDomain } from './native.ts';

/** Codecs of every dialect that routes.ts lists for a domain operation. */
export const domainCodecs = {
  native: nativeDomain,
  jitsudo: jitsudoDomain,
} satisfies Record<DialectsServing<DomainOperation>, DomainCodec>;
