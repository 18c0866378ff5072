import type { Actor } from '../kernel/change-record.ts';
import { getIdName, idPatterns, parseUserId, type Uuid, uuidPattern } from '../kernel/ids.ts';
import type { Principal } from './principal.ts';

/** Finds the user ID in the subject of a token. Undefined for any other subject. */
export const findUserId = ({
  subject,
  subjectIsUser,
}: Pick<Principal, 'subject' | 'subjectIsUser'>): Uuid | undefined =>
  subjectIsUser
    ? (parseUserId(subject) ?? (uuidPattern.test(subject) ? subject.toLowerCase() : undefined))
    : undefined;

/** Converts the caller to the actor of an audit entry. */
export function toActor(
  principal: Pick<Principal, 'subject' | 'subjectIsUser' | 'appClient' | 'component'>,
): Actor {
  const { appClient, component } = principal;
  if (component !== undefined) return { type: 'system', id: component };
  if (appClient) return { type: 'appClient', id: appClient.appClientId };
  const id = findUserId(principal);
  return id === undefined ? { type: 'external' } : { type: 'user', id };
}

/** Infers the actor from the subject of a principal, as if Roster had issued its credential. */
export function inferActor(subject: string): Actor {
  const id = findUserId({ subject, subjectIsUser: true });
  if (id !== undefined) return { type: 'user', id };
  return idPatterns['app-client'].test(subject)
    ? { type: 'appClient', id: getIdName(subject) }
    : { type: 'external' };
}
