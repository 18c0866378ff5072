import * as z from 'zod';
import type { AcceptanceCodec } from './acceptance-codec.ts';
import { linkToken, password } from '../fields.ts';
import { requestBody } from '../request-body.ts';
import { linkErrorMapping } from './jitsudo-errors.ts';
import { buildOnce, responseSchema } from '../codec.ts';

/** `POST /v1/auth/set-initial-password` (jitsudo-docs, operation setInitialPassword). */
export const jitsudoAcceptance: AcceptanceCodec = {
  acceptInput: buildOnce(() =>
    requestBody({ token: linkToken(), password: password() }, 'JitsudoInitialPassword'),
  ),
  response: responseSchema(() =>
    z.strictObject({ message: z.string() }).meta({ id: 'JitsudoInitialPasswordSet' }),
  ),
  toResponse: () => ({ body: { message: 'Password set' } }),
  mapError: linkErrorMapping('password'),
};
