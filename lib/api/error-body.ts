import * as z from 'zod';
import { limitNames } from '../domain/kernel/limits.ts';
import { statusByCode } from './dialects.ts';

/** The body of every failure, in every dialect: Cradl reads `message`, Credible `code` and `message`, JITSudo all four. */
export const errorBody = z
  .object({
    code: z.string().meta({ description: 'For machines.', enum: Object.keys(statusByCode) }),
    message: z.string().meta({ description: 'For people.' }),
    details: z
      .looseObject({
        requestId: z.string().meta({ description: 'Names this request in the logs.' }),
        field: z
          .string()
          .optional()
          .meta({ description: 'The one field that the failure is about.' }),
        limit: z
          .string()
          .optional()
          .meta({ description: 'The limit that a 429 is about.', enum: [...limitNames] }),
        retryAfter: z.number().optional().meta({ description: 'Seconds to wait.' }),
        issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
      })
      .meta({ description: 'Facts of the failure; never the rejected value of a secret.' }),
    notices: z
      .array(z.string())
      .optional()
      .meta({ description: 'What the policies that decided have to say.' }),
  })
  .meta({ id: 'Problem' });
