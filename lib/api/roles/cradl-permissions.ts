import * as z from 'zod';
import { type IdPrefix, idOf } from '../../domain/kernel/ids.ts';
import type { Permission } from '../../domain/roles/role.ts';

/** One of Cradl's permissions that says something here: the resource without its prefix, what may be done, and what that is in our words. */
interface Meaning {
  readonly resource: string;
  readonly action: 'read' | 'write' | 'delegate';
  readonly means: readonly Permission[];
}

/**
 * The whole mapping, read in both directions. Where one of Cradl's actions means several permissions of ours, each of them
 * has a resource of its own behind it. An action `*` means all that is here for its resource.
 */
// biome-ignore format: a table is read best with a row on a line.
const meanings: readonly Meaning[] = [
  { resource: 'user:*',         action: 'read',     means: ['users:read'] },
  { resource: 'user:*',         action: 'write',    means: ['users:create', 'users:update', 'users:delete'] },
  { resource: 'user:*:create',  action: 'write',    means: ['users:create'] },
  { resource: 'user:*:update',  action: 'write',    means: ['users:update'] },
  { resource: 'user:*:delete',  action: 'write',    means: ['users:delete'] },
  { resource: 'user:*:erase',   action: 'write',    means: ['users:erase'] },
  { resource: 'invitation:*',   action: 'write',    means: ['invitations:copy'] },
  { resource: 'role:*',         action: 'read',     means: ['roles:read'] },
  { resource: 'role:*',         action: 'write',    means: ['roles:write'] },
  { resource: 'role:*',         action: 'delegate', means: ['roles:delegate'] },
  { resource: 'app-client:*',   action: 'read',     means: ['appClients:read'] },
  { resource: 'app-client:*',   action: 'write',    means: ['appClients:write'] },
  { resource: 'organization:*', action: 'read',     means: ['tenant:read'] },
  { resource: 'organization:*', action: 'write',    means: ['tenant:update'] },
];
const resources = [...new Set(meanings.map(({ resource }) => resource))];

const resourcePattern = /^(?:cradl|las):(.+)$/;
const meant = (resourceId: string, action: string): readonly Permission[] => {
  const resource = resourcePattern.exec(resourceId)?.[1];
  return meanings
    .filter(
      (meaning) => meaning.resource === resource && (action === '*' || meaning.action === action),
    )
    .flatMap(({ means }) => means);
};

const permission = z
  .strictObject({
    resourceId: z
      .string()
      .min(1, { abort: true })
      .max(64, { abort: true })
      .refine((id) => resources.includes(resourcePattern.exec(id)?.[1] ?? ''), {
        error: `must be one of ${resources.map((resource) => `cradl:${resource}`).join(', ')}`,
        abort: true,
      })
      .meta({ examples: ['cradl:user:*'] }),
    effect: z.literal('allow', { error: 'must be allow, since everything else is denied' }),
    action: z.enum(['read', 'write', 'delegate', '*']),
  })
  .refine(({ resourceId, action }) => meant(resourceId, action).length > 0, {
    path: ['action'],
    error: 'must be an action of this resource',
  });

/** Cradl's permission objects → permissions; what has no meaning here is refused. */
export const cradlPermissions = z
  .array(permission)
  .max(100)
  .transform((all): readonly Permission[] =>
    all.flatMap(({ resourceId, action }) => meant(resourceId, action)),
  );

/** The shape of what `shownPermissions` makes. */
export const permissionsAnswer = z.array(
  z.strictObject({
    resourceId: z.string().min(1),
    effect: z.enum(['allow', 'deny']),
    action: z.enum(['read', 'write', 'delegate', '*']),
  }),
);

/**
 * Permissions → Cradl's objects, as few as can say it in the order of the table; they mean the same when they come back.
 * What only a newer version of the service knows has no words here, and is left out.
 */
export function shownPermissions(
  held: readonly Permission[],
  prefix: IdPrefix,
): z.infer<typeof permissionsAnswer> {
  const said = new Set<Permission>();
  return meanings.flatMap(({ resource, action, means }) => {
    if (!means.every((each) => held.includes(each)) || means.every((each) => said.has(each)))
      return [];
    for (const each of means) said.add(each);
    const [kind = '', ...rest] = resource.split(':');
    return [
      {
        resourceId: idOf(prefix, kind as 'user', rest.join(':')),
        effect: 'allow' as const,
        action,
      },
    ];
  });
}
