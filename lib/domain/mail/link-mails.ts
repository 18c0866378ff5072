import type { ConfirmableCredential } from '../credential-limits/credential-limit.ts';
import type { Mail } from './mail.ts';
import {
  buildConfirmationUrl,
  buildInvitationUrl,
  buildResetUrl,
  buildVerificationUrl,
} from '../links/link-url.ts';
import { getGreetingName, getMailTenantName } from './mail-names.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { InvitedUser, UserWithEmail } from '../users/user.ts';
import { type Language, selectLanguage } from './language.ts';
import { messages } from './messages.ts';
import { formatTime, renderMail } from './render.ts';
import type { LinkMessages, MailMessages } from './templates/mail-messages.ts';

/** Sender of tenants that have none of their own. */
interface MailSettings {
  readonly sender: string;
}

interface LinkMail {
  readonly user: UserWithEmail;
  readonly tenant: Tenant;
  readonly token: string;
  readonly expiresAt: Date;
}

/** Renders the mail of an invitation. */
export function renderInvitation(
  { user, ...content }: Omit<LinkMail, 'expiresAt'> & { readonly user: InvitedUser },
  settings: MailSettings,
): Mail {
  const { expiresAt, version } = user.invitation;
  const mail = renderLinkMail(
    {
      ...content,
      user,
      expiresAt: new Date(expiresAt),
      getTexts: ({ invitation }) => invitation,
      getExpiry: ({ expiry }) => expiry,
      buildLink: buildInvitationUrl,
    },
    settings,
  );
  return { ...mail, tags: { ...mail.tags, version: String(version) } };
}

/** Renders the mail with the link that resets a password. */
export const renderReset = (content: LinkMail, settings: MailSettings): Mail =>
  renderLinkMail(
    {
      ...content,
      getTexts: ({ reset }) => reset,
      getExpiry: getHourExpiry,
      buildLink: buildResetUrl,
    },
    settings,
  );

/** Renders the mail with the link that confirms a credential. */
export const renderConfirmation = (
  { credential, ...content }: LinkMail & { readonly credential: ConfirmableCredential },
  settings: MailSettings,
): Mail => {
  const getTexts = ({ confirmation }: MailMessages) => confirmation[credential];
  return renderLinkMail(
    { ...content, getTexts, getExpiry: getHourExpiry, buildLink: buildConfirmationUrl },
    settings,
  );
};

/** Renders the mail with the link that verifies an email. */
export const renderVerification = (
  { newEmail, ...content }: LinkMail & { readonly newEmail: string | undefined },
  settings: MailSettings,
): Mail =>
  renderLinkMail(
    {
      ...content,
      email: newEmail,
      getTexts: ({ verification }) => verification[newEmail === undefined ? 'current' : 'new'],
      getExpiry: ({ dayExpiry }) => dayExpiry,
      buildLink: buildVerificationUrl,
    },
    settings,
  );

interface LinkContent extends LinkMail {
  /** Address to send to. Default: the email of the user. */
  readonly email?: string | undefined;
  readonly getTexts: (messages: MailMessages) => LinkMessages;
  readonly getExpiry: (messages: MailMessages) => MailMessages['expiry'];
  readonly buildLink: (tenant: Tenant, token: string, language: Language) => string;
}

const getHourExpiry = ({ hourExpiry }: MailMessages) => hourExpiry;

function renderLinkMail(
  { user, tenant, email = user.email, token, expiresAt, ...content }: LinkContent,
  { sender }: MailSettings,
): Mail {
  const { getTexts, getExpiry, buildLink } = content;
  const language = selectLanguage(user, tenant);
  const { greeting } = messages[language];
  const expiry = getExpiry(messages[language]);
  const { subject, request, action, ignore } = getTexts(messages[language]);
  const tenantName = getMailTenantName(tenant);
  const link = buildLink(tenant, token, language);
  return renderMail({
    tenant,
    from: tenant.sender ?? sender,
    to: email,
    language,
    subject: subject(tenantName),
    paragraphs: [
      greeting(getGreetingName(user)),
      request({ tenant: tenantName, email }),
      link,
      expiry(formatTime(expiresAt, language)),
      ignore,
    ],
    link,
    action,
    tags: { tenant: user.tenantId, user: user.userId },
  });
}
