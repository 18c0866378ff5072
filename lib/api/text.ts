import * as z from 'zod';
import { findBlockFault, findLineFault, trimText } from './characters.ts';

export const octets = (text: string): number => Buffer.byteLength(text);

/** Creates a zod check that reports the fault found in a text. */
export const checkText =
  (findFault: (text: string) => string | undefined) =>
  ({ value, issues }: { readonly value: string; readonly issues: z.core.$ZodRawIssue[] }): void => {
    const message = findFault(value);
    if (message !== undefined) issues.push({ code: 'custom', message, input: value });
  };

export const hasAtMost = (text: string, max: number): boolean =>
  text.length <= max * 2 && [...text].length <= max;

/**
 * Trimmed text of up to `max` code points, without line breaks, invisible characters or
 * bidirectional controls.
 */
export const lineText = (max: number) =>
  z
    .string()
    .check(
      z.overwrite(trimText),
      z.refine((text) => text !== '', { error: 'is required', abort: true }),
      z.refine((text) => hasAtMost(text, max), {
        error: `must have at most ${max} characters`,
        abort: true,
      }),
      checkText(findLineFault),
    )
    .meta({ maxLength: max, minLength: 1 });

/** Text of several lines, of up to `max` code points, stored exactly. */
export const blockText = (max: number) =>
  z
    .string()
    .refine((text) => hasAtMost(text, max), {
      error: `must have at most ${max} characters`,
      abort: true,
    })
    .check(checkText(findBlockFault))
    .meta({ maxLength: max });

const findUrlFault = (text: string): string | undefined =>
  /\p{White_Space}/u.test(text) ? 'cannot contain white space' : findLineFault(text);

/** Text of up to `max` octets without white space. Fields check that it is a URL. */
export const urlText = (max: number) =>
  z
    .string()
    .max(max, { abort: true })
    .refine((text) => octets(text) <= max, {
      error: `must have at most ${max} octets`,
      abort: true,
    })
    .check(checkText(findUrlFault));
