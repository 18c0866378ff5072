import type { RequestContext } from '../access/request-context.ts';
import type { Slug } from '../kernel/ids.ts';

/** Selects the roles of the caller whose permissions the credential in use carries completely. */
export const selectEffectiveRoles = ({ principal, tenant }: RequestContext): readonly Slug[] =>
  principal.roles.filter(
    (slug) =>
      tenant.roles
        .get(slug)
        ?.permissions.every((permission) => principal.permissions.includes(permission)) === true,
  );
