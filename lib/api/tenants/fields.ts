/** Fields of tenants that dialects share. */
import * as z from 'zod';
import { formatLanguages, languages } from '../../domain/mail/language.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import { isOrigin, isPageUrl } from '../../domain/tenants/urls.ts';
import { signInEventSettings } from '../../domain/tenants/tenant.ts';
import { tenantSlugPattern } from '../../domain/tenants/slug.ts';
import { internationalEmail } from '../email-address.ts';
import { description, languageTag, longName, roleId, shortName } from '../fields.ts';
import type { ErrorMapping } from '../codec.ts';
import { urlText } from '../text.ts';

export const slug = () =>
  z
    .string()
    .max(63, { abort: true })
    .regex(tenantSlugPattern, 'must be 1 to 63 lowercase letters, digits and inner hyphens')
    .meta({
      description: 'Label of the tenant in host names. Unique and never reused.',
      examples: ['acme'],
    });

export const tenantName = () =>
  shortName().meta({
    description: 'Display name, also used in emails.',
    examples: ['Acme'],
  });

export const tenantDescription = () =>
  description().meta({
    description: 'Free text about the tenant.',
    examples: ['Customer since 2026'],
  });

export const tenantLocale = () =>
  languageTag()
    .regex(
      new RegExp(`^(${languages.join('|')})(-|$)`),
      `must be a BCP 47 language tag of ${formatLanguages()}`,
    )
    .meta({
      description: `Language of emails to users without a \`locale\` in one of these languages: ${formatLanguages()}.`,
      examples: ['en'],
    });

const maxUrlBytes = 2048;

export const origin = () =>
  urlText(maxUrlBytes)
    .refine(isOrigin, 'must be an https origin without a path')
    .meta({
      description: 'Origin of all links in emails.',
      examples: ['https://acme.example.com'],
    });

const page = () =>
  urlText(maxUrlBytes).refine(isPageUrl, 'must be an https URL without a query or a fragment');

/** Replaces the failure of a missing origin, for dialects without this field. */
export const toOriginRequired: ErrorMapping = (failure) =>
  failure.code === 'invalid_input' && failure.details.issues?.[0]?.path === 'origin'
    ? new Failure(
        'origin_required',
        'This deployment has no hosts for tenants, so a tenant needs an origin. Create it with POST /v1/tenants.',
      )
    : failure;

export const acceptUrl = () =>
  page().meta({
    description: 'Page that invitation links open. Default: `<origin>/accept`.',
    examples: ['https://acme.example.com/welcome'],
  });

export const resetUrl = () =>
  page().meta({
    description: 'Page that reset links open. Default: `<origin>/reset`.',
    examples: ['https://acme.example.com/new-password'],
  });

export const confirmUrl = () =>
  page().meta({
    description:
      'Page that confirmation links open. Required to confirm identities, because the page must send a token of the identity. Default: `<origin>/confirm`.',
    examples: ['https://acme.example.com/confirm-email'],
  });

export const verifyUrl = () =>
  page().meta({
    description: 'Page that verification links open. Default: `<origin>/verify`.',
    examples: ['https://acme.example.com/verify-email'],
  });

export const sender = () =>
  internationalEmail().meta({
    description:
      'Sender of emails. It must be an address that the deployment sends from (`mail.senders` in its configuration). Default: the sender of the deployment.',
    examples: ['hello@acme.example.com'],
  });

export const administratorsSetPasswords = () =>
  z.boolean().meta({
    description:
      'If true, administrators can set passwords of other users in the Credible API; otherwise only system administrators can. Changed by the owner of the tenant or a system administrator. Default: false.',
  });

export const signInEvents = () =>
  z.enum(signInEventSettings).meta({
    description:
      'Sign-ins that are events of the feed: none, the successful ones, or all. Default: all.',
  });

export const requireOwnPassword = () =>
  z.boolean().meta({
    description:
      'If true, a password that another user set carries no roles until the user changes it. Changed by the owner of the tenant or a system administrator. Default: false.',
  });

export const invitationDays = () =>
  z.int().min(1).max(30).meta({
    description: 'Lifetime of invitations in days. Default: the setting of the deployment.',
  });

export const passwordMinLength = () =>
  z.int().min(8).max(64).meta({
    description:
      'Minimum number of characters in new passwords, at least the setting of the deployment (`passwordMinLength` in its configuration). Default: that setting.',
  });

export const defaultRoleId = () =>
  roleId().meta({
    description:
      'ID of the role that new users get if the request to create them has no `roleIds`. You can set only a role whose permissions you hold. Default: none.',
  });

export const ownerEmail = () =>
  internationalEmail().meta({
    description: 'Email of the owner, who is invited as an administrator.',
    examples: ['jsmith@example.com'],
  });

export const ownerName = longName;
