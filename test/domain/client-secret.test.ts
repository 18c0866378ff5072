import { expect, it } from 'vitest';
import { readClientSecret } from '../../lib/api/scim/client-secret.ts';
import { createSecret } from '../../lib/domain/app-clients/create-secret.ts';

const clientId = '0123456789abcdef0123456789abcdef';
const { secret } = createSecret(clientId);
const encode = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

it.each([
  ['a bearer token', `Bearer ${secret}`, secret],
  ['a bearer token in any case', ` bearer  ${secret} `, secret],
  ['the password of Basic', encode(`${clientId}:${secret}`), secret],
  ['no access token', 'Bearer eyJhbGciOiJFUzI1NiJ9.e30.x', undefined],
  ['no other scheme', `ApiKey ${secret}`, undefined],
  ['nothing without a header', undefined, undefined],
  ['a wrong secret for another client ID', encode(`${'f'.repeat(32)}:${secret}`), ''],
  ['a wrong secret for Basic without a client ID', encode(secret), ''],
])('reads %s', (_case, authorization, expected) => {
  expect(readClientSecret({ authorization })).toBe(expected);
});
