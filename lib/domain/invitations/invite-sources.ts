import type { Principal } from '../access/principal.ts';

/** System that invites users by event, in a fixed tenant with the permissions of fixed roles. */
export interface InviteSource {
  /** AWS account ID. */
  readonly account: string;
  /** `source` of its events. */
  readonly source: string;
  readonly tenant: string;
  readonly roles: readonly string[];
}

const accountPrefix = 'aws:';

/** Converts a source to the issuer and subject of its invitations. */
export const toPrincipal = ({
  account,
  source,
}: Pick<InviteSource, 'account' | 'source'>): Pick<Principal, 'issuer' | 'subject'> => ({
  issuer: `${accountPrefix}${account}`,
  subject: source,
});

/** True for an inviter that is an invite source. */
export const isInviteSource = ({ issuer }: Pick<Principal, 'issuer'>): boolean =>
  issuer.startsWith(accountPrefix);

/** Finds the source of an inviter. Undefined if it is no longer registered for the tenant. */
export const findInviteSource = (
  { issuer, subject }: Pick<Principal, 'issuer' | 'subject'>,
  tenantId: string,
  sources: readonly InviteSource[],
): InviteSource | undefined =>
  sources.find((source) => {
    const principal = toPrincipal(source);
    return (
      source.tenant === tenantId && principal.issuer === issuer && principal.subject === subject
    );
  });
