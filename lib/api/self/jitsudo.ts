import * as z from 'zod';
import { weakPassword } from '../links/jitsudo-errors.ts';
import { avatar, lineText, password } from '../fields.ts';
import { fullName } from '../../domain/users/display-name.ts';
import { changeBody, requestBody } from '../request-body.ts';
import type { OwnAccountWire } from '../users/user-codec.ts';

const name = lineText(100).nullable().optional();
const shown = z.string().nullable();

/** JITSudo, /v1/users/me (jitsudo-docs, operations getUserProfile, updateUserProfile, changePassword). */
export const jitsudoOwnAccount: OwnAccountWire = {
  patch: changeBody(
    {
      first_name: name,
      last_name: name,
      display_name: name,
      avatar_base64: avatar.nullable().optional(),
    },
    'JitsudoProfileChange',
  ).transform((body) => ({
    firstName: body.first_name,
    lastName: body.last_name,
    name: body.display_name,
    avatar: body.avatar_base64,
  })),
  answer: z
    .strictObject({
      id: z.guid(),
      email: z.string(),
      name: z.string(),
      auth_provider: z.enum(['local', 'oidc', 'saml']),
      first_name: shown,
      last_name: shown,
      display_name: shown,
      avatar_base64: shown,
    })
    .meta({ id: 'JitsudoProfile' }),
  view: (user) => ({
    body: {
      id: user.userId,
      email: user.email,
      name: user.name ?? fullName(user) ?? user.email,
      auth_provider: user.authProvider,
      first_name: user.firstName ?? null,
      last_name: user.lastName ?? null,
      display_name: user.name ?? null,
      avatar_base64: user.avatar ?? null,
    },
  }),
  password: requestBody(
    { current_password: password, new_password: password },
    'JitsudoPasswordChange',
  ).transform((body) => ({
    current: body.current_password,
    next: body.new_password,
  })),
  // Its page has 400 for a new password that is too weak.
  asDocumented: (failure) =>
    failure.code === 'password_rejected' ? weakPassword(failure, 'newPassword') : failure,
  passwordChanged: {
    schema: z.strictObject({ message: z.string() }).meta({ id: 'JitsudoPasswordChanged' }),
    body: { message: 'Password changed' },
  },
};
