import * as z from 'zod';
import { checkJsonLimits } from '../../domain/kernel/json-merge-patch.ts';
import { isRasterImage } from './avatar.ts';
import { languageTag } from '../fields.ts';

/** A language tag (BCP 47). One that nobody speaks here is kept, and answered in the language of the tenant. */
export const locale = languageTag.meta({
  description:
    'Language of the user as a BCP 47 tag. Mails use it if a translation exists. Default: the language of the tenant.',
  examples: ['de-CH'],
});

/** An object of the caller's own: up to 64 KiB of JSON and 32 levels. */
const withJsonLimits = <Schema extends z.ZodType>(schema: Schema) =>
  schema.check(({ value, issues }) => {
    const message = checkJsonLimits(value);
    if (message !== undefined) issues.push({ code: 'custom', message, input: undefined });
  });

export const metadata = withJsonLimits(z.record(z.string(), z.unknown())).meta({
  description: 'Free-form JSON object of up to 64 KiB and 32 levels, returned unchanged.',
});

const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);

const projectTutorial = z.looseObject({
  hasClickedCreateModel: flag,
  doNotShowModelIntro: flag,
  doNotShowSchemaExplorerTip: flag,
  doNotShowTutorialInHomePanel: flag,
});

/** Credible's onboarding flags: the four known ones are always there, others are kept. */
export const tutorialFlags = z.looseObject({
  projectTutorial: projectTutorial
    .nullish()
    .transform((value) => value ?? projectTutorial.parse({})),
});

export const tutorialStatus = withJsonLimits(tutorialFlags).meta({
  description: 'Progress of the onboarding tutorials.',
});

const flagUpdate = z.boolean().nullable().optional();

/** The same in a change: what is left out stays as it is. */
export const tutorialStatusUpdate = withJsonLimits(
  z.looseObject({
    projectTutorial: z
      .looseObject({
        hasClickedCreateModel: flagUpdate,
        doNotShowModelIntro: flagUpdate,
        doNotShowSchemaExplorerTip: flagUpdate,
        doNotShowTutorialInHomePanel: flagUpdate,
      })
      .nullable()
      .optional(),
  }),
).meta({ description: 'Changes to the progress of the onboarding tutorials.' });

/** A picture as a data URI. */
export const avatar = z
  .string()
  .max(262_166, { abort: true })
  .refine(isRasterImage, 'must be a data URI (base64) of a PNG, JPEG, GIF or WebP image')
  .meta({ description: 'PNG, JPEG, GIF or WebP image as a data URI of up to 262,166 characters.' });

export const authProvider = z.enum(['local', 'oidc', 'saml']).default('local');
