import * as z from 'zod';
import { checkJsonLimits } from '../../../domain/kernel/json-merge-patch.ts';
import { isPicture, isRasterImage } from './avatar.ts';
import { findLineFault, trimText } from '../../characters.ts';
import { languageTag } from '../../fields.ts';
import { checkText, hasAtMost, urlText } from '../../text.ts';

/** Language tag (BCP 47). Tags without a translation are stored too. */
export const locale = () =>
  languageTag().meta({
    description:
      'Language of the user as a BCP 47 tag. Emails use it if a translation exists. Default: the language of the tenant.',
    examples: ['de-CH'],
  });

/** Text that is compared exactly, so surrounding white space would match no other spelling. */
export const exactText = (max: number) =>
  z.string().check(
    z.refine((text) => hasAtMost(text, max), {
      error: `must have at most ${max} characters`,
      abort: true,
    }),
    checkText(findLineFault),
    z.refine((text) => trimText(text) === text, 'cannot begin or end with white space'),
  );

export const externalId = () =>
  exactText(256).meta({
    description:
      'ID in another system, unique in the tenant and compared exactly. Up to 256 characters, without control characters and without white space at the ends.',
    examples: ['hr-4711'],
    maxLength: 256,
  });

/** Phone number (ITU-T E.164). */
export const phoneNumber = () =>
  z
    .string()
    .overwrite(trimText)
    .regex(
      /^\+[1-9][0-9]{1,14}$/,
      'must be in E.164 format: + and 2 to 15 digits, such as +14155550123',
    )
    .meta({
      description: 'Phone number in E.164 format: `+` and 2 to 15 digits. Not verified.',
      examples: ['+14155550123'],
    });

function isTimeZone(text: string): boolean {
  // `Intl` also accepts offsets such as +01:00.
  if (!/^[a-z]/i.test(text)) return false;
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: text }));
  } catch {
    return false;
  }
}

export const timeZone = () =>
  z
    .string()
    .max(64, { abort: true })
    .refine(isTimeZone, 'must be an IANA time zone name such as Europe/Oslo')
    .meta({
      description: 'Time zone of the user: a name in the IANA time zone database.',
      examples: ['Europe/Oslo'],
    });

/** Creation time in another system. The domain rejects the future. */
export const pastTime = () =>
  z.iso
    .datetime({ offset: true, abort: true })
    .max(40)
    .refine((text) => Date.parse(text) >= 0, 'cannot be before 1970')
    .transform((text) => new Date(text).toISOString())
    .meta({
      description:
        'Creation time in another system, from 1970 until now. The export also has the time of the request. Default: now.',
      examples: ['2019-03-01T12:00:00Z'],
    });

/** Limits JSON to 64 KiB and 32 levels. */
const withJsonLimits = <Schema extends z.ZodType>(schema: Schema) =>
  schema.check(({ value, issues }) => {
    const message = checkJsonLimits(value);
    if (message !== undefined) issues.push({ code: 'custom', message, input: undefined });
  });

export const metadata = () =>
  withJsonLimits(z.record(z.string(), z.unknown())).meta({
    description: 'Free-form JSON object of up to 64 KiB and 32 levels, returned unchanged.',
  });

const flag = () =>
  z
    .boolean()
    .nullish()
    .transform((value) => value ?? false);

const projectTutorial = () => {
  const each = flag();
  return z.looseObject({
    hasClickedCreateModel: each,
    doNotShowModelIntro: each,
    doNotShowSchemaExplorerTip: each,
    doNotShowTutorialInHomePanel: each,
  });
};

/** Credible's tutorial flags. The four known ones default to false; others are kept. */
export const tutorialFlags = () =>
  z.looseObject({
    projectTutorial: projectTutorial()
      .nullish()
      .transform((value) => value ?? projectTutorial().parse({})),
  });

export const tutorialStatus = () =>
  withJsonLimits(tutorialFlags()).meta({
    description: 'Progress of the onboarding tutorials.',
  });

const flagUpdate = () => z.boolean().nullable().optional();

/** Update of the tutorial flags. Absent flags stay unchanged. */
export const tutorialStatusUpdate = () =>
  withJsonLimits(
    z.looseObject({
      projectTutorial: z
        .looseObject({
          hasClickedCreateModel: flagUpdate(),
          doNotShowModelIntro: flagUpdate(),
          doNotShowSchemaExplorerTip: flagUpdate(),
          doNotShowTutorialInHomePanel: flagUpdate(),
        })
        .nullable()
        .optional(),
    }),
  ).meta({ description: 'Changes to the progress of the onboarding tutorials.' });

export const avatar = () =>
  z
    .string()
    .max(262_166, { abort: true })
    .refine(isRasterImage, 'must be a data URI (base64) of a PNG, JPEG, GIF or WebP image')
    .meta({
      description: 'PNG, JPEG, GIF or WebP image as a data URI of up to 262,166 characters.',
    });

export const profileMetadata = () =>
  metadata().meta({
    description:
      'Free-form JSON object that the user manages, of up to 64 KiB and 32 levels, returned unchanged.',
  });

export const picture = () =>
  urlText(4096)
    .refine(
      isPicture,
      'must be an http or https URL, or a data URI (base64) of a PNG, JPEG, GIF or WebP image',
    )
    .meta({
      description:
        'Picture in the profiles of the Cradl API, independent of `avatar`: a URL, which is never fetched, or a data URI.',
      examples: ['https://images.example.com/jane.png'],
    });

export const authProvider = () => z.enum(['local', 'oidc', 'saml']).default('local');
