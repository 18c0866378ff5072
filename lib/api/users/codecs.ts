import type { ApprovableCredential } from '../../domain/credential-limits/approve-credentials.ts';
import type { DialectsServing } from '../routes.ts';
import { cradlUser } from './cradl.ts';
import { approveCredentialsInput } from './credential-approval.ts';
import { credibleOrganizationUser, credibleUser } from './credible.ts';
import { type ErasureCodec, nativeErasure } from './erasure.ts';
import { jitsudoUser } from './jitsudo.ts';
import { nativeUser } from './native.ts';
import { setActiveInput } from './set-active.ts';
import type { OrganizationUserCodec, UserCodec, UserOperation } from './user-codec.ts';
import type { LazySchema } from '../codec.ts';

/** Codecs of every dialect that routes.ts lists for a user operation. */
export const userCodecs = {
  native: nativeUser,
  cradl: cradlUser,
  jitsudo: jitsudoUser,
  credible: credibleUser,
} satisfies Record<DialectsServing<UserOperation>, UserCodec>;

export const organizationUserCodecs = {
  credible: credibleOrganizationUser,
} satisfies Record<DialectsServing<'getOrganizationUser'>, OrganizationUserCodec>;

export const approveCredentialsInputs = {
  native: approveCredentialsInput,
} satisfies Record<
  DialectsServing<'approveCredentials'>,
  LazySchema<readonly ApprovableCredential[]>
>;

export const setActiveInputs = {
  jitsudo: setActiveInput,
} satisfies Record<DialectsServing<'setUserActive'>, LazySchema<{ readonly active: boolean }>>;

export const erasureCodecs = {
  native: nativeErasure,
} satisfies Record<DialectsServing<'listErasures'>, ErasureCodec>;
