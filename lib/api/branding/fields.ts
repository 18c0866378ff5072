import * as z from 'zod';
import type { BrandingInput } from '../../domain/branding/change-branding.ts';
import { buildOnce } from '../codec.ts';
import { shortName } from '../fields.ts';

/** Longer than the data URI of the largest logo. */
const maxLogoLength = 90_000;

/** Branding in the body of a create or an update. Null clears a field. */
export const brandingInput = buildOnce(
  (): z.ZodType<BrandingInput> =>
    z
      .strictObject({
        displayName: shortName()
          .nullable()
          .optional()
          .meta({
            description: 'Name in pages and emails. Default: the name of the tenant.',
            examples: ['Acme'],
          }),
        accentColor: z
          .string()
          .regex(/^#[0-9a-f]{6}$/i, 'must be a color such as #3a4fa8')
          .toLowerCase()
          .nullable()
          .optional()
          .meta({
            description:
              'Color of buttons and links in pages and emails. Text in it is lighter or darker where the contrast would be too low.',
            examples: ['#0b6e4f'],
          }),
        logo: z.string().max(maxLogoLength).nullable().optional().meta({
          description:
            'Data URI (base64) of a PNG, JPEG or WebP image of up to 64 KiB and 1024 × 1024 pixels. The current URL keeps the logo.',
        }),
      })
      .meta({ id: 'BrandingChange' }),
);
