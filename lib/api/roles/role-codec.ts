import * as z from 'zod';
import type { Permission } from '../../domain/access/permissions.ts';
import type { IdPrefix, Slug } from '../../domain/kernel/ids.ts';
import { idPatterns, getIdName } from '../../domain/kernel/ids.ts';
import {
  type CreateRoleInput,
  maxMetadataBytes,
  type RoleView,
} from '../../domain/roles/manage-roles.ts';
import type { UpdateRoleInput } from '../../domain/roles/update-role.ts';
import { checkJsonLimits } from '../../domain/kernel/json-merge-patch.ts';
import { shortDescription, shortName } from '../fields.ts';
import type { LazySchema, PathParameter, Reply } from '../codec.ts';
import type { ListCodec } from '../lists.ts';

export type RoleOperation = 'createRole' | 'listRoles' | 'getRole' | 'updateRole' | 'deleteRole';

/** Values that a response shows in addition to the role. */
export interface RoleResponseContext {
  readonly idPrefix: IdPrefix;
  readonly declaredPermissions: readonly Permission[];
}

/** Roles in one dialect. */
export interface RoleCodec {
  readonly createInput: LazySchema<CreateRoleInput>;
  readonly updateInput: LazySchema<UpdateRoleInput>;
  /** True if an update replaces metadata instead of merging it. */
  readonly replacesMetadata?: boolean;
  /** True if requests and responses have only permissions of Roster. */
  readonly keepsDeclaredPermissions?: boolean;
  readonly response: LazySchema;
  readonly list: ListCodec;
  toResponse(role: RoleView, context: RoleResponseContext): Reply;
  /** Path of a new role, for dialects that send `Location`. */
  getLocation?(role: RoleView, idPrefix: IdPrefix): string;
  /** True if a delete returns the role. */
  readonly returnsDeleted: boolean;
}

export const rolePathParameter: PathParameter = {
  name: 'roleId',
  description: 'ID of the role.',
  example: 'cradl:role:auditor',
};

const parseRoleSlug = (roleId: string): Slug | undefined =>
  idPatterns.role.test(roleId) ? getIdName(roleId) : undefined;

/** Slug of the role in a path. Undefined for text that is no role ID. */
export const getPathRole = ({
  parameters,
}: {
  readonly parameters: Readonly<Record<string, string | undefined>>;
}): Slug | undefined => parseRoleSlug(parameters[rolePathParameter.name] ?? '');

// Small, because every decision in a tenant reads all its roles.
export const roleName = shortName;
export const roleDescription = shortDescription;
export const roleMetadata = () =>
  z
    .record(z.string(), z.unknown())
    .check(({ value, issues }) => {
      const message = checkJsonLimits(value, maxMetadataBytes);
      if (message !== undefined) issues.push({ code: 'custom', message, input: undefined });
    })
    .meta({
      description: `Free-form JSON object of up to ${maxMetadataBytes} bytes, returned unchanged.`,
    });
