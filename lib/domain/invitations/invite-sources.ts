import type { Principal } from '../access/principal.ts';

/** Another system that asks for invitations by events: who it is, and in which tenant and by the rights of which roles it invites. */
export interface InviteSource {
  /** The AWS account. */
  readonly account: string;
  /** What its events bear. */
  readonly source: string;
  readonly tenant: string;
  readonly roles: readonly string[];
}

const accountPrefix = 'aws:';

/** A system as the issuer and the subject of what it does. */
export const toPrincipal = ({
  account,
  source,
}: Pick<InviteSource, 'account' | 'source'>): Pick<Principal, 'issuer' | 'subject'> => ({
  issuer: `${accountPrefix}${account}`,
  subject: source,
});

/** Whether that is who invited, and not somebody with a token. */
export const isInviteSource = ({ issuer }: Pick<Principal, 'issuer'>): boolean =>
  issuer.startsWith(accountPrefix);

/** The registration of who invited; undefined for a system that is registered for the tenant no more. */
export const findInviteSource = (
  { issuer, subject }: Pick<Principal, 'issuer' | 'subject'>,
  tenantId: string,
  sources: readonly InviteSource[],
): InviteSource | undefined =>
  sources.find((each) => {
    const principal = toPrincipal(each);
    return each.tenant === tenantId && principal.issuer === issuer && principal.subject === subject;
  });
