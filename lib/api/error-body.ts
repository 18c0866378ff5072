import * as z from 'zod';
import { limitNames } from '../domain/kernel/limits.ts';
import { statusByCode } from './errors.ts';
import { responseSchema } from './codec.ts';

/**
 * Error body of every dialect. Cradl's clients read `message`, Credible's also `code`, and
 * JITSudo's all fields.
 */
export const errorBody = responseSchema(() =>
  z
    .object({
      code: z
        .string()
        .meta({ description: 'Error code for programs.', enum: Object.keys(statusByCode) }),
      message: z.string().meta({ description: 'Human-readable message. It can change.' }),
      details: z
        .looseObject({
          requestId: z.string().meta({ description: 'ID of the request, also in the logs.' }),
          field: z
            .string()
            .optional()
            .meta({ description: 'Name of the field that caused the error.' }),
          limit: z
            .string()
            .optional()
            .meta({ description: 'Name of the reached limit, for 429.', enum: [...limitNames] }),
          retryAfter: z
            .number()
            .optional()
            .meta({ description: 'Seconds to wait before a retry.' }),
          issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
        })
        .meta({ description: 'Facts about the error. Secret values are never included.' }),
      notices: z
        .array(z.string())
        .optional()
        .meta({ description: 'Reasons given by the policies that decided.' }),
    })
    .meta({ id: 'Problem' }),
);
