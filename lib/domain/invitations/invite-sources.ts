import type { Principal } from '../access/request-context.ts';

/** Another system that asks for invitations by events: who it is, and in which tenant and by the rights of which roles it invites. */
export interface EventSource {
  /** The AWS account. */
  readonly account: string;
  /** What its events bear. */
  readonly source: string;
  readonly tenant: string;
  readonly roles: readonly string[];
}

const accountPrefix = 'aws:';

/** A system as the issuer and the subject of what it does. */
export const principalOf = ({
  account,
  source,
}: Pick<EventSource, 'account' | 'source'>): Pick<Principal, 'issuer' | 'subject'> => ({
  issuer: `${accountPrefix}${account}`,
  subject: source,
});

/** Whether that is who invited, and not somebody with a token. */
export const isEventSource = ({ issuer }: Pick<Principal, 'issuer'>): boolean =>
  issuer.startsWith(accountPrefix);

/** The registration of who invited; undefined for a system that is registered for the tenant no more. */
export const registrationOf = (
  { issuer, subject }: Pick<Principal, 'issuer' | 'subject'>,
  tenantId: string,
  sources: readonly EventSource[],
): EventSource | undefined =>
  sources.find((each) => {
    const principal = principalOf(each);
    return each.tenant === tenantId && principal.issuer === issuer && principal.subject === subject;
  });
