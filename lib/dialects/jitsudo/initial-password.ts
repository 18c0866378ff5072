import * as z from 'zod';
import { invalid } from '../../domain/failure.ts';
import { type AcceptanceWire, linkToken } from '../acceptance-wire.ts';
import { password } from '../fields.ts';

const badToken: readonly string[] = ['not_found', 'invitation_expired', 'invitation_used', 'invitation_revoked'];

/** JITSudo, POST /v1/auth/set-initial-password (jitsudo-docs, operation setInitialPassword): 400 for a bad token and for a weak password. */
export const initialPassword: AcceptanceWire = {
  request: z.object({ token: linkToken, password }).meta({ id: 'JitsudoInitialPassword' }),
  answer: z.strictObject({ message: z.string() }).meta({ id: 'JitsudoInitialPasswordSet' }),
  view: () => ({ body: { message: 'Password set' } }),
  asDocumented: (failure) => {
    if (failure.code === 'password_rejected') return invalid({ path: 'password', message: failure.message });
    return badToken.includes(failure.code) ? invalid({ path: 'token', message: failure.message }) : failure;
  },
};
