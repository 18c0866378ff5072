import * as z from 'zod';
import { toWeakPasswordError } from '../links/jitsudo-errors.ts';
import { avatar } from '../users/fields/user-fields.ts';
import { lineText } from '../text.ts';
import { password } from '../fields.ts';
import { formatDisplayName, getAccountName } from '../../domain/users/user.ts';
import { updateBody, requestBody } from '../request-body.ts';
import type { PasswordChangeCodec, SelfCodec } from './self-codec.ts';
import { buildOnce, responseSchema } from '../codec.ts';

const name = () => lineText(100).nullable().optional();
const nullableText = () => z.string().nullable();

/**
 * `/v1/users/me` of JITSudo (jitsudo-docs, operations getUserProfile, updateUserProfile and
 * changePassword).
 */
export const jitsudoSelf: SelfCodec & PasswordChangeCodec = {
  updateInput: buildOnce(() =>
    updateBody(
      {
        first_name: name(),
        last_name: name(),
        display_name: name(),
        avatar_base64: avatar().nullable().optional(),
      },
      'JitsudoProfileChange',
    ).transform((body) => ({
      firstName: body.first_name,
      lastName: body.last_name,
      name: body.display_name,
      avatar: body.avatar_base64,
    })),
  ),
  response: responseSchema(() =>
    z
      .strictObject({
        id: z.guid(),
        email: z.string(),
        name: z.string(),
        auth_provider: z.enum(['local', 'oidc', 'saml']),
        first_name: nullableText(),
        last_name: nullableText(),
        display_name: nullableText(),
        avatar_base64: nullableText(),
      })
      .meta({ id: 'JitsudoProfile' }),
  ),
  toResponse: (user) => ({
    body: {
      id: user.userId,
      email: getAccountName(user),
      name: user.name ?? formatDisplayName(user) ?? getAccountName(user),
      auth_provider: user.authProvider,
      first_name: user.firstName ?? null,
      last_name: user.lastName ?? null,
      display_name: user.name ?? null,
      avatar_base64: user.avatar ?? null,
    },
  }),
  changePasswordInput: buildOnce(() =>
    requestBody(
      { current_password: password(), new_password: password() },
      'JitsudoPasswordChange',
    ).transform((body) => ({
      currentPassword: body.current_password,
      newPassword: body.new_password,
    })),
  ),
  // JITSudo documents 400 for a weak password.
  mapError: (failure) =>
    failure.code === 'password_rejected' ? toWeakPasswordError(failure, 'newPassword') : failure,
  passwordResponse: {
    schema: responseSchema(() =>
      z.strictObject({ message: z.string() }).meta({ id: 'JitsudoPasswordChanged' }),
    ),
    body: { message: 'Password changed' },
  },
};
