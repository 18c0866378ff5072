import type { OperationWords } from '../../../infra/build/openapi/operations.ts';

/** What the document says of Roster as a token issuer. */
export const tokenWords = {
  issueToken: {
    summary: 'Get an access token for a program',
    description: `An app client shows its secret and gets a token for an hour, by \`client_credentials\` (RFC 6749 §4.4). Parameters may stand in the form, in
the query, or in both, each once; the secret in \`Authorization: Basic\` or in the form, and never in the query. What the client may do is read
from the directory whenever the token is used: a client that is revoked or has other roles is so within 30 seconds, whatever its tokens say. A token names its secret (\`secret_id\`)
and ends within 30 seconds of the secret's end. \`roles\` lists only roles whose permissions are all within the limit of the secret.`,
  },
  getDiscovery: {
    summary: 'Get the metadata of the token issuer',
    description:
      'Where tokens are had and by which keys they are verified, for whoever trusts tokens of this deployment. It may be kept for 5 minutes.',
  },
  getKeySet: {
    summary: 'Get the keys of the token issuer',
    description:
      'The public keys that tokens of this deployment are signed with: the one of now, and those of before and after it while one replaces another. It may be kept for 5 minutes.',
  },
} satisfies OperationWords;
