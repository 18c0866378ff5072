import * as z from 'zod';
import type { AcceptanceCodec } from './acceptance-codec.ts';
import { linkToken, password } from '../fields.ts';
import { requestBody } from '../request-body.ts';
import { linkErrorMapping } from './jitsudo-errors.ts';

/** `POST /v1/auth/set-initial-password` (jitsudo-docs, operation setInitialPassword). */
export const jitsudoAcceptance: AcceptanceCodec = {
  acceptInput: requestBody({ token: linkToken, password }, 'JitsudoInitialPassword'),
  response: z.strictObject({ message: z.string() }).meta({ id: 'JitsudoInitialPasswordSet' }),
  toResponse: () => ({ body: { message: 'Password set' } }),
  mapError: linkErrorMapping('password'),
};
