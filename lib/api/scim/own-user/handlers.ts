import { isDeepStrictEqual } from 'node:util';
import type { RequestContext } from '../../../domain/access/request-context.ts';
import { Failure } from '../../../domain/kernel/failure.ts';
import { deleteSelf } from '../../../domain/self/delete-self.ts';
import { getCallerUser, type UpdateSelfInput, updateSelf } from '../../../domain/users/self.ts';
import type { TransitionDependencies } from '../../../domain/users/transition-user.ts';
import type { User } from '../../../domain/users/user.ts';
import { noContent, type Reply } from '../../codec.ts';
import type { Operations } from '../../http/request.ts';
import { parseProjection } from '../lists/list-parameters.ts';
import { parseResource } from '../parse-resource.ts';
import { applyPatch } from '../patch/apply-patch.ts';
import { readQuery } from '../query.ts';
import { readMember } from '../resource-attributes.ts';
import type { ScimResource } from '../schema/attribute.ts';
import { rosterUserUrn } from '../schema/roster-user.ts';
import { buildUserSchema } from '../schema/user.ts';
import { type ScimRequest, withConnection } from '../scim-request.ts';
import { keepAbsent, replyWithUser, type ScimUserDependencies } from '../users/handlers.ts';
import { toProvisionedUser, toScimUser } from '../users/user-resource.ts';

type Dependencies = ScimUserDependencies & TransitionDependencies;

/** The caller's own user (RFC 7644 §3.11), by the rules of the other APIs for the own account. */
export const ownUserHandlers = (deps: Dependencies) => {
  const handle = withConnection(deps);
  const handleOwn = (handler: (request: ScimRequest) => Promise<Reply>) =>
    handle((request) => {
      assertUser(request, deps);
      return handler(request);
    });

  const update = async (
    request: ScimRequest,
    change: (current: ScimResource) => ScimResource,
  ): Promise<Reply> => {
    const { context, ifMatch, readCurrentContext } = request;
    const projection = parseProjection(readQuery(request));
    const input = (user: User) => toSelfInput(user, change);
    const user = await updateSelf({ input, ifMatch, readCurrentContext }, context, deps);
    return replyWithUser(user, { request, projection }, deps);
  };

  return {
    scimGetOwnUser: handleOwn(async (request) => {
      const projection = parseProjection(readQuery(request));
      const user = await getCallerUser(request.context, deps);
      return replyWithUser(user, { request, projection }, deps);
    }),

    scimReplaceOwnUser: handleOwn(async (request) => {
      const { resource, mentioned } = parseResource(request.body, buildUserSchema(), request.log);
      return update(request, (current) => ({ ...keepAbsent(current, mentioned), ...resource }));
    }),

    scimPatchOwnUser: handleOwn(async (request) => {
      const { body, log } = request;
      return update(request, (current) => applyPatch(current, body, buildUserSchema(), log));
    }),

    scimDeleteOwnUser: handleOwn(async ({ ifMatch, context }) => {
      await deleteSelf(ifMatch, context, deps);
      return noContent;
    }),
  } satisfies Operations<RequestContext>;
};

/** Throws `not_implemented` for an app client, which has no user. */
function assertUser({ context }: ScimRequest, { policy }: Pick<Dependencies, 'policy'>): void {
  if (!context.principal.appClient) return;
  policy.authorize(context, 'useOwnAccount', {});
  throw new Failure('not_implemented', 'An app client has no user. Use the token of a user.');
}

/**
 * Converts a change of the resource to fields that users can change in their own account. Throws
 * `immutable_attribute` if other attributes would change.
 */
function toSelfInput(user: User, change: (current: ScimResource) => ScimResource): UpdateSelfInput {
  const current = toScimUser(user, undefined);
  const requested = change(current);
  const { firstName, lastName, locale, ...derived } = toProvisionedUser(requested, {}, user);
  // A name that the user did not set follows the other names.
  const keepsName = requested['displayName'] === current['displayName'];
  const name = keepsName ? user.name : derived.name;
  const fields = { name, firstName, lastName, locale };
  const result = toScimUser({ ...user, ...fields }, undefined);
  if (
    !isEqual(result, keepsName ? { ...requested, displayName: result['displayName'] } : requested)
  )
    throw new Failure(
      'immutable_attribute',
      'Only displayName, name.givenName, name.familyName and preferredLanguage can be changed in your own account',
    );
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([field, value]) => value !== user[field as keyof typeof fields])
      .map(([field, value]) => [field, value ?? null]),
  );
}

/** Compares writable attributes as JSON, regardless of prototypes and the order of names. */
const isEqual = (...resources: readonly [ScimResource, ScimResource]): boolean => {
  const [one, other] = resources.map(({ id: _id, [rosterUserUrn]: extension, ...attributes }) =>
    JSON.parse(
      JSON.stringify({ ...attributes, description: readMember(extension, 'description') }),
    ),
  );
  return isDeepStrictEqual(one, other);
};
