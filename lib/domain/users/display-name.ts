import type { User } from './user.ts';

/** `firstName lastName`, as far as they are known: what stands in where a user has no `name`. */
export const formatDisplayName = ({ firstName, lastName }: User): string | null =>
  [firstName, lastName].filter(Boolean).join(' ') || null;
