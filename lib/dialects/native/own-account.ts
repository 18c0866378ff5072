import * as z from 'zod';
import { avatar, longText, namesSomething, nothingNamed, password, shortText } from '../fields.ts';
import type { OwnAccountWire } from '../user-wire.ts';
import { native } from './user.ts';

/** Roster's own `/users/me`. */
export const nativeOwnAccount: OwnAccountWire = {
  patch: z
    .strictObject({
      name: longText.nullable().optional(),
      firstName: shortText.nullable().optional(),
      lastName: shortText.nullable().optional(),
      avatar: avatar.nullable().optional(),
    })
    .meta({ id: 'OwnAccountChange', minProperties: 1 })
    .refine(namesSomething, nothingNamed),
  answer: native.answer,
  view: native.view,
  password: z
    .strictObject({ currentPassword: password, newPassword: password })
    .meta({ id: 'PasswordChange' })
    .transform(({ currentPassword, newPassword }) => ({ current: currentPassword, next: newPassword })),
};
