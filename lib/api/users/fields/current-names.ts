import * as z from 'zod';
import type { UpdateUserInput } from '../../../domain/users/user.ts';
import { findLineFault, trimText } from '../../characters.ts';
import { checkText } from '../../text.ts';
import { findEmailFault, findUserNameFault } from './user-name.ts';

/** Email in a dialect that shows the username of a user without an email. */
export const emailOrUserName = () =>
  z
    .string()
    .check(
      z.overwrite(trimText),
      checkText(
        (text) => findEmailFault(text) && (text === '' ? 'is required' : findLineFault(text)),
      ),
    )
    .meta({
      description:
        'Email. Unique regardless of case, width and Unicode form. White space at the ends is removed.',
      examples: ['jsmith@example.com'],
    });

interface Names {
  readonly email?: string | null | undefined;
  readonly userName?: string | null | undefined;
}

/** Moves values that no update can set to `currentValues`, because clients send responses back. */
export function separateCurrentValues<Body extends Names>({
  email,
  userName,
  ...body
}: Body): Omit<Body, keyof Names> & Pick<UpdateUserInput, 'email' | 'userName' | 'currentValues'> {
  const emailFault = email === null ? 'is required' : email && findEmailFault(email);
  const userNameFault = userName ? findUserNameFault(userName) : undefined;
  const currentValues = [
    ...(emailFault && email !== undefined
      ? [{ path: 'email' as const, value: email, message: emailFault }]
      : []),
    ...(userNameFault && userName
      ? [{ path: 'userName' as const, value: userName, message: userNameFault }]
      : []),
  ];
  return {
    ...body,
    email: emailFault ? undefined : (email ?? undefined),
    userName: userNameFault ? undefined : userName,
    ...(currentValues.length > 0 && { currentValues }),
  };
}
