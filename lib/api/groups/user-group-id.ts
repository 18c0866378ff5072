import * as z from 'zod';
import type { MemberName } from '../../domain/groups/group.ts';

const maxIdLength = 512;

/** Parses an ID of Credible: `user:<email>` or `group:<name>`. */
export function parseUserGroupId(userGroupId: string): MemberName | undefined {
  if (userGroupId.length > maxIdLength) return undefined;
  const [, kind, name = ''] = /^(user|group):(.+)$/su.exec(userGroupId) ?? [];
  if (kind === 'user') return name.includes('@') ? { kind, email: name } : undefined;
  return kind === 'group' ? { kind, name } : undefined;
}

/** Field with the ID of a user or group. */
export const userGroupIdField = () =>
  z
    .string()
    .transform((id, { issues }): MemberName => {
      const parsed = parseUserGroupId(id);
      if (parsed) return parsed;
      issues.push({
        code: 'custom',
        message: 'must be user:<email> or group:<name>, such as user:jsmith@example.com',
        input: undefined,
      });
      return z.NEVER;
    })
    .meta({
      type: 'string',
      description: '`user:<email>` or `group:<name>`.',
      examples: ['user:jsmith@example.com'],
    });
