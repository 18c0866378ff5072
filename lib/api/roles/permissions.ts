import * as z from 'zod';
import { type Permission, permissions } from '../../domain/access/permissions.ts';
import { type LazySchema, type Reply, responseSchema } from '../codec.ts';
import { describeUnknown, invalidWireInput } from '../unknown-names.ts';

const response = responseSchema(() =>
  z
    .strictObject({
      permissions: z.array(
        z
          .strictObject({
            name: z.string(),
            builtIn: z.boolean().meta({
              description:
                'True for a permission of Roster, false for one that the deployment declares.',
            }),
          })
          .meta({ id: 'Permission' }),
      ),
    })
    .meta({ id: 'PermissionList' }),
);

/** Permissions that roles can have, in one dialect. */
export interface PermissionListCodec {
  readonly response: LazySchema;
  toResponse(declared: readonly Permission[]): Reply;
}

export const nativePermissionList: PermissionListCodec = {
  response,
  toResponse: (declared) => ({
    body: {
      permissions: [
        ...permissions.map((name) => ({ name, builtIn: true })),
        ...declared.map((name) => ({ name, builtIn: false })),
      ].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    },
  }),
};

/** Throws `invalid_input` for permissions that do not exist, with the closest names. */
export function assertKnownPermissions(
  requested: readonly Permission[],
  declared: readonly Permission[],
): void {
  const knownNames: readonly Permission[] = [...permissions, ...declared];
  const unknown = requested.flatMap((name, index) =>
    knownNames.includes(name) ? [] : [{ name, index }],
  );
  if (unknown.length === 0) return;
  const names = unknown.map(({ name }) => name);
  const messages = describeUnknown(names, knownNames, 'permission');
  throw invalidWireInput(
    messages.map((message, at) => ({ path: `permissions.${unknown[at]?.index}`, message })),
  );
}
