import * as z from 'zod';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import { idPatterns, getIdName } from '../../domain/kernel/ids.ts';
import {
  maxMetadataBytes,
  type CreateRoleInput,
  type UpdateRoleInput,
  type RoleView,
} from '../../domain/roles/manage-roles.ts';
import { checkJsonLimits } from '../../domain/kernel/json-merge-patch.ts';
import { shortDescription, shortName } from '../fields.ts';
import type { ListCodec } from '../lists.ts';
import type { Reply, UserCodec } from '../users/user-codec.ts';

/** The role resource on the wire of one dialect. */
export interface RoleCodec {
  /** Request body of a create → RoleDraft. */
  readonly createInput: z.ZodType<CreateRoleInput>;
  /** Request body of a change → RolePatch. */
  readonly updateInput: z.ZodType<UpdateRoleInput>;
  /** True where a change of metadata replaces the object instead of merging into it. */
  readonly replacesMetadata?: boolean;
  /** The shape of the body that `view` makes. */
  readonly response: z.ZodType;
  readonly list: ListCodec;
  toResponse(role: RoleView, idPrefix: IdPrefix): Reply;
  /** The path of a role, where the dialect's answer to a create names it. */
  getLocation?(role: RoleView, idPrefix: IdPrefix): string;
  /** Whether a delete answers with the role as it was. */
  readonly returnsDeleted: boolean;
}

/** How a path names a role. */
export const rolePathParameter: UserCodec['pathParameter'] = {
  name: 'roleId',
  description: 'ID of the role.',
  example: 'cradl:role:auditor',
};

/** The slug in a role id; undefined for what is none. */
export const parseRoleSlug = (roleId: string): string | undefined =>
  idPatterns.role.test(roleId) ? getIdName(roleId) : undefined;

// Every decision in a tenant is made on a read of all its roles: so each is small.
export const roleName = shortName;
export const roleDescription = shortDescription;
export const roleMetadata = z
  .record(z.string(), z.unknown())
  .check(({ value, issues }) => {
    const message = checkJsonLimits(value, maxMetadataBytes);
    if (message !== undefined) issues.push({ code: 'custom', message, input: undefined });
  })
  .meta({
    description: `Free-form JSON object of up to ${maxMetadataBytes} bytes, returned unchanged.`,
  });
