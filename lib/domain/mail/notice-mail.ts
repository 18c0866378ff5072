import type { Mail } from './mail.ts';
import type { AccountNotice } from '../account-notices/account-notice.ts';
import { getGreetingName, getMailTenantName } from './mail-names.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';
import { collectInactivePermissions } from '../credential-limits/inactive-permissions.ts';
import type { User } from '../users/user.ts';
import { type Language, selectLanguage } from './language.ts';
import { messages } from './messages.ts';
import { formatTime, renderMail } from './render.ts';
import type { MailAccount, MailMessages, NoticeDetail } from './templates/mail-messages.ts';

/** Notices that one mail reports, oldest first. */
export type Notices = readonly [AccountNotice, ...AccountNotice[]];

interface NoticeSettings {
  readonly sender: string;
  /** Issuers that the deployment trusts. Mails name no others. */
  readonly identityIssuers: readonly string[];
}

interface NoticeMail {
  readonly user: User;
  /** Address to send to, which may be a previous one. */
  readonly email: string;
  readonly notices: Notices;
  readonly tenant: TenantWithRoles;
}

/**
 * Renders the mail about changes to an account, without the new values. It has no link, so users do
 * not learn to follow links in such mails.
 */
export function renderNotice(
  { user, email, notices, tenant }: NoticeMail,
  settings: NoticeSettings,
): Mail {
  const language = selectLanguage(user, tenant);
  const texts = messages[language];
  const account = { tenant: getMailTenantName(tenant), email };
  const details = collectNoticeDetails(notices);
  const isCreation = notices.length === 1 && details.includes('account');
  return renderMail({
    tenant,
    from: tenant.sender ?? settings.sender,
    to: email,
    language,
    subject: isCreation
      ? texts.creation.subject(account.tenant)
      : formatSubject(details, account.tenant, language),
    paragraphs: [
      texts.greeting(getGreetingName(user)),
      ...(isCreation
        ? describeCreation(notices[0], account, language)
        : describeChanges(notices, account, language)),
      ...(details.includes('identity') ? [describeIdentity(user, texts, settings)] : []),
      ...(collectInactivePermissions(user, tenant).length > 0 ? [texts.inactivePermissions] : []),
      ...(isCreation
        ? [texts.creation.unexpected]
        : [texts.expected, describeNextStep(details, texts)]),
      `${texts.signInAt} ${tenant.origin}`,
    ],
    tags: { tenant: user.tenantId, user: user.userId },
  });
}

/** Collects the details that a notice reports, without those that have their own mail. */
export const collectNoticeDetails = (notices: readonly AccountNotice[]): NoticeDetail[] => [
  ...new Set(
    notices.flatMap(({ details }) =>
      details.filter(
        (detail) =>
          detail !== 'confirmation' && detail !== 'emailVerification' && detail !== 'accessRequest',
      ),
    ),
  ),
];

const formatDetails = (details: readonly NoticeDetail[], language: Language): string =>
  new Intl.ListFormat(language).format(details.map((detail) => messages[language].details[detail]));

function formatSubject(
  details: readonly NoticeDetail[],
  tenant: string,
  language: Language,
): string {
  const { change, changes } = messages[language];
  const [first, ...others] = details;
  return first === undefined || first === 'account' || others.length > 0
    ? changes.subject(tenant, formatDetails(details, language))
    : change[first].subject(tenant);
}

function describeCreation(
  { changedAt }: AccountNotice,
  account: MailAccount,
  language: Language,
): string[] {
  const { created, chooseOwnPassword } = messages[language].creation;
  return [created(account, formatTime(new Date(changedAt), language)), chooseOwnPassword];
}

function describeChanges(notices: Notices, account: MailAccount, language: Language): string[] {
  const { change, changes } = messages[language];
  const [oldest, ...others] = notices.map((notice) => ({
    details: collectNoticeDetails([notice]),
    date: formatTime(new Date(notice.changedAt), language),
  }));
  if (oldest === undefined) return [];
  if (others.length > 0) {
    const lines = [oldest, ...others].map(({ details, date }) =>
      changes.line(date, formatDetails(details, language)),
    );
    return [changes.list(account), ...lines];
  }
  const [first, ...otherDetails] = oldest.details;
  return first === undefined || first === 'account' || otherDetails.length > 0
    ? [changes.changed(account, formatDetails(oldest.details, language), oldest.date)]
    : [change[first].changed(account, oldest.date)];
}

function describeIdentity(
  { identity }: User,
  texts: MailMessages,
  { identityIssuers }: NoticeSettings,
): string {
  if (identity === undefined) return texts.unlinkedIdentity;
  const isTrusted = identityIssuers.includes(identity.issuer);
  return isTrusted
    ? texts.linkedIdentity(new URL(identity.issuer).host)
    : texts.linkedUnknownIdentity;
}

/**
 * After a change of email or identity, a reset may not reach the user, or not lock out an attacker.
 */
const describeNextStep = (
  details: readonly NoticeDetail[],
  { unexpected, unexpectedWithoutReset }: MailMessages,
): string =>
  details.some((detail) => detail === 'email' || detail === 'identity')
    ? unexpectedWithoutReset
    : unexpected;
