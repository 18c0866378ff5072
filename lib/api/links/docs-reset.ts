import { jitsudoPasswordReset } from './reset-jitsudo.ts';
import { nativePasswordReset } from './reset-native.ts';
import { resetRequestedResponse } from './reset-codec.ts';
import type { DialectName, Operation } from '../routes.ts';
import { linkInspectionShape, linkToken } from './docs.ts';
import type { Shape } from '../operation-doc.ts';

const password = 'tangled orchard, seven lamps';
const email = 'jsmith@example.com';

const dialects = {
  native: {
    wire: nativePasswordReset,
    request: { tenant: 'acme', email },
    completion: { token: linkToken, password },
    answer: {
      userId: 'cradl:user:0123456789ab4def8123456789abcdef',
      email,
      continueUrl: 'https://acme.example.com',
    },
  },
  jitsudo: {
    wire: jitsudoPasswordReset,
    request: { email, tenant_slug: 'acme' },
    completion: { token: linkToken, new_password: password },
    answer: { message: 'Password reset' },
  },
};
const of = (dialect: DialectName) => dialects[dialect === 'jitsudo' ? 'jitsudo' : 'native'];

/** What the operations take and give by which a forgotten password is replaced. */
export const passwordResetShapes: Readonly<
  Record<Extract<Operation, `${string}PasswordReset`>, (dialect: DialectName) => Shape>
> = {
  requestPasswordReset: (dialect) => ({
    request: { schema: of(dialect).wire.requestInput, example: of(dialect).request },
    answer: { schema: resetRequestedResponse.schema, example: resetRequestedResponse.body },
    done: 'A mail goes out, if there is somebody to send it to.',
    namesTenant: true,
  }),
  inspectPasswordReset: () =>
    linkInspectionShape('2026-01-31T13:00:00.000Z', 'The link can be used.'),
  completePasswordReset: (dialect) => {
    const { wire, completion, answer } = of(dialect);
    return {
      request: { schema: wire.completeInput, example: completion },
      answer: { schema: wire.response, example: answer },
      done: 'The user has this password.',
      ...(wire.mapError && { mapError: wire.mapError }),
    };
  },
};
