import { avatar, locale, picture, profileMetadata, timeZone } from '../users/fields/user-fields.ts';
import { longName, password, shortName } from '../fields.ts';
import { updateBody, requestBody } from '../request-body.ts';
import type { PasswordChangeCodec, SelfCodec } from './self-codec.ts';
import { nativeUser } from '../users/native.ts';
import { buildOnce } from '../codec.ts';

export const nativeSelf: SelfCodec & PasswordChangeCodec = {
  updateInput: buildOnce(() =>
    updateBody(
      {
        name: longName().nullable().optional(),
        firstName: shortName().nullable().optional(),
        lastName: shortName().nullable().optional(),
        locale: locale().nullable().optional(),
        timeZone: timeZone().nullable().optional(),
        avatar: avatar().nullable().optional(),
        picture: picture().nullable().optional(),
        profileMetadata: profileMetadata().nullable().optional(),
      },
      'OwnAccountChange',
    ),
  ),
  response: nativeUser.response,
  toResponse: nativeUser.toResponse,
  changePasswordInput: buildOnce(() =>
    requestBody({ currentPassword: password(), newPassword: password() }, 'PasswordChange'),
  ),
};
