import * as z from 'zod';

/** How many at most: above 100 is 100. */
export const limit = z
  .string()
  .regex(/^0*[1-9]\d{0,15}$/, 'must be a whole number from 1 on')
  .default('50')
  .meta({ description: 'How many users at most, 1 to 100.', type: 'string', examples: ['50'] });

export const limitOf = (text: string): number => Math.min(Number(text), 100);

export const cursor = z.string().max(4096).optional().meta({ description: 'Where to go on: what the page before has given out.' });

/** Cradl's list, which the native API and Credible have too. */
export const nextToken = z.string().nullable().meta({ description: 'Where the next page begins; null on the last.' });
