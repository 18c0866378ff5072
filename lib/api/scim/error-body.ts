import * as z from 'zod';
import { responseSchema } from '../codec.ts';
import { errorUrn, scimTypeNames } from './conventions.ts';

/** Body of an error (RFC 7644 §3.12). */
export const scimErrorBody = responseSchema(() =>
  z
    .strictObject({
      schemas: z.tuple([z.literal(errorUrn)]).meta({ description: 'URN of the error message.' }),
      status: z.string().meta({ description: 'HTTP status, as text.' }),
      scimType: z
        .enum(scimTypeNames)
        .optional()
        .meta({ description: 'Error keyword for programs (RFC 7644 table 9, RFC 9865).' }),
      detail: z.string().meta({ description: 'Human-readable message. It can change.' }),
    })
    .meta({ id: 'ScimError' }),
);
