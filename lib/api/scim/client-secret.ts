import { parseClientId } from '../../domain/app-clients/verify-secret.ts';

/**
 * Reads a client secret in `Authorization`: as a bearer token, because identity providers have one
 * field for a token, or as the password of Basic with the client ID as the username. Undefined for
 * other bearer tokens, which are access tokens. A malformed Basic value is a wrong secret.
 */
export function readClientSecret({
  authorization = '',
}: Readonly<Record<string, string | undefined>>): string | undefined {
  const [, scheme = '', value = ''] = /^(bearer|basic) +(\S+)$/i.exec(authorization.trim()) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value.startsWith('roster_') ? value : undefined;
  if (scheme === '') return undefined;
  const text = Buffer.from(value, 'base64').toString();
  const secret = text.slice(text.indexOf(':') + 1);
  return text === `${parseClientId(secret)}:${secret}` ? secret : '';
}
