import { avatar, longName, password, shortName } from '../fields.ts';
import { changeBody, requestBody } from '../request-body.ts';
import type { OwnAccountWire } from '../users/user-codec.ts';
import { native } from '../users/native.ts';

/** Roster's own `/users/me`. */
export const nativeOwnAccount: OwnAccountWire = {
  patch: changeBody(
    {
      name: longName.nullable().optional(),
      firstName: shortName.nullable().optional(),
      lastName: shortName.nullable().optional(),
      avatar: avatar.nullable().optional(),
    },
    'OwnAccountChange',
  ),
  answer: native.answer,
  view: native.view,
  password: requestBody(
    { currentPassword: password, newPassword: password },
    'PasswordChange',
  ).transform(({ currentPassword, newPassword }) => ({
    current: currentPassword,
    next: newPassword,
  })),
};
