import type { User } from './user.ts';

/** The roles that count for a user who signs in here: none by a password that somebody else knows. */
export const rolesHeld = ({ roles, mustChangePassword }: User): readonly string[] => (mustChangePassword ? [] : roles);
