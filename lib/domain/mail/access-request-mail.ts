import type { AccessRequest } from '../levels/access-request.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { UserWithEmail } from '../users/user.ts';
import { selectLanguage } from './language.ts';
import type { Mail } from './mail.ts';
import { getGreetingName, getMailTenantName } from './mail-names.ts';
import { messages } from './messages.ts';
import { formatTime, renderMail } from './render.ts';

interface AccessRequestMail {
  readonly owner: UserWithEmail;
  /** Email of the user who requests the level. */
  readonly email: string;
  readonly request: AccessRequest;
  readonly tenant: Tenant;
}

/** Renders the mail about a request for a level to the owner of the tenant. It has no link. */
export function renderAccessRequest(
  { owner, email, request: { level, message, requestedAt }, tenant }: AccessRequestMail,
  settings: { readonly sender: string },
): Mail {
  const language = selectLanguage(owner, tenant);
  const { greeting, accessRequest, signInAt } = messages[language];
  const tenantName = getMailTenantName(tenant);
  const date = formatTime(new Date(requestedAt), language);
  return renderMail({
    tenant,
    from: tenant.sender ?? settings.sender,
    to: owner.email,
    language,
    subject: accessRequest.subject(tenantName),
    paragraphs: [
      greeting(getGreetingName(owner)),
      accessRequest.request({ tenant: tenantName, email }, level, date),
      ...(message === undefined ? [] : [accessRequest.message, ...quote(message)]),
      accessRequest.decide,
      `${signInAt} ${tenant.origin}`,
    ],
    tags: { tenant: owner.tenantId, user: owner.userId },
  });
}

/** Marks each line, so text of the user never looks like text of the service. */
const quote = (text: string): string[] =>
  text
    .split(/[\r\n\v\f\u0085\u2028\u2029]+/u)
    .filter((line) => line.trim() !== '')
    .map((line) => `> ${line}`);
