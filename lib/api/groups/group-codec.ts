import type * as z from 'zod';
import { type Group, maxGroupRoles } from '../../domain/groups/group.ts';
import type {
  CreateGroupInput,
  GroupFilter,
  UpdateGroupInput,
} from '../../domain/groups/manage-groups.ts';
import type { IdPrefix, Slug, Uuid } from '../../domain/kernel/ids.ts';
import type { ErrorMapping, LazySchema, PathParameter, Reply } from '../codec.ts';
import type { ListCodec } from '../lists.ts';
import { lineText } from '../text.ts';

export type GroupOperation =
  | 'createGroup'
  | 'listGroups'
  | 'getGroup'
  | 'updateGroup'
  | 'assignGroupRole'
  | 'removeGroupRole'
  | 'deleteGroup'
  | 'restoreGroup';

/** Reference to a group in a path. */
type GroupRef = { readonly groupId: Uuid } | { readonly name: string };

/** Groups in one dialect. */
export interface GroupCodec {
  readonly createInput: LazySchema<CreateGroupInput & { readonly organizationName?: Slug }>;
  readonly mapCreateError?: ErrorMapping;
  readonly updateInput: LazySchema<UpdateGroupInput>;
  readonly parameter: PathParameter;
  /** Parses the path parameter. Undefined for text that names no group. */
  parseGroupRef(parameter: string): GroupRef | undefined;
  readonly response: LazySchema;
  readonly list: ListCodec & {
    toFilter(query: Readonly<Record<string, unknown>>): GroupFilter;
  };
  toResponse(group: Group, idPrefix: IdPrefix, organization: Slug): Reply;
  /** Path of a new group, for dialects that send `Location`. */
  getLocation?(group: Group, idPrefix: IdPrefix): string;
}

/** Field with the name of a group. */
export const groupName = () =>
  lineText(128)
    .refine(
      (name) => !/[%?]/.test(name),
      'cannot contain % or ?, because the gateway decodes paths twice and a path could name another group',
    )
    .meta({ description: 'Name of the group, unique in the tenant without regard to case.' });

/** Adds the limit on different roles to a field. */
export const withGroupRoleLimit = <Schema extends z.ZodType<readonly Slug[]>>(
  roles: Schema,
): Schema =>
  roles.refine((slugs) => new Set(slugs).size <= maxGroupRoles, {
    error: `must have at most ${maxGroupRoles} roles`,
  });
