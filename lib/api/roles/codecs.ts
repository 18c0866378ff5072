import type { DialectsServing } from '../routes.ts';
import { cradlRole } from './cradl.ts';
import { nativeRole } from './native.ts';
import { nativePermissionList, type PermissionListCodec } from './permissions.ts';
import type { RoleCodec, RoleOperation } from './role-codec.ts';

/** Codecs of every dialect that routes.ts lists for a role operation. */
export const roleCodecs = {
  native: nativeRole,
  cradl: cradlRole,
} satisfies Record<DialectsServing<RoleOperation>, RoleCodec>;

/** Codecs of every dialect that routes.ts lists for the permissions. */
export const permissionListCodecs = {
  native: nativePermissionList,
} satisfies Record<DialectsServing<'listPermissions'>, PermissionListCodec>;
