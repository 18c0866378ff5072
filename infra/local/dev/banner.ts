import { randomBytes } from 'node:crypto';
import type { DialectName } from '../../../lib/api/routes.ts';
import { userUrn } from '../../../lib/api/scim/schema/user.ts';
import type { SampleAppClient } from './app-clients.ts';
import type { LocalIssuer } from '../fakes/issuer.ts';
import { sampleTenants } from './samples.ts';

interface BannerOptions {
  readonly url: string;
  readonly issuer: LocalIssuer;
  readonly appClients: readonly SampleAppClient[];
  /** Token of the SCIM connection of the first tenant. */
  readonly scimToken: string | undefined;
  readonly dialects: readonly DialectName[];
  readonly data: string;
  readonly seconds: number;
}

/** Renders the start-up message: tenants, tokens, and one shell command for each dialect. */
export function renderBanner({
  url,
  issuer,
  appClients,
  scimToken,
  dialects,
  data,
  seconds,
}: BannerOptions): string {
  const [{ slug, tenantId }] = sampleTenants;
  // Differs at each start, so the commands create new users.
  const suffix = randomBytes(3).toString('hex');
  const token = issuer.mintAccessToken({ sub: 'local-admin', tenantId, roles: ['admin'] });
  const system = issuer.mintAccessToken({ sub: 'local-system-admin', roles: ['system_admin'] });
  const password = `local-${randomBytes(9).toString('base64url')}`;
  const host = url.replace('://', `://${slug}.admin.`);

  const examples: readonly { readonly dialect: DialectName; readonly command: string }[] = [
    {
      dialect: 'native',
      command: `# The native API
curl -i -w '\\n' '${url}/v1/users' -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d '{"email":"ada-${suffix}@example.com","userName":"ada-${suffix}","name":"Ada Lovelace","roleIds":["cradl:role:user"]}'`,
    },
    {
      dialect: 'cradl',
      command: `# As a client of Cradl
curl -i -w '\\n' '${url}/cradl/v1/users' -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d '{"email":"grace-${suffix}@example.com","name":"Grace Hopper","roleIds":["cradl:role:user"]}'`,
    },
    {
      dialect: 'jitsudo',
      command: `# As a client of JITSudo
curl -i -w '\\n' '${url}/jitsudo/v1/users' -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -H 'X-Tenant-ID: ${tenantId}' \\
  -d '{"email":"joan-${suffix}@example.com","name":"Joan Clarke","password":"${password}","roles":["user"],"auth_provider":"local"}'`,
    },
    {
      dialect: 'credible',
      command: `# As a client of Credible, whose host names the tenant
curl -i -w '\\n' '${host}/credible/api/v0/users' -H "Authorization: Bearer $SYSTEM" -H 'Content-Type: application/json' \\
  -d '{"userName":"edsger-${suffix}","email":"edsger-${suffix}@example.com","password":"${password}","firstName":"Edsger","lastName":"Dijkstra"}'`,
    },
    ...(scimToken === undefined
      ? []
      : ([
          {
            dialect: 'scim',
            command: `# As an identity provider of ${slug}. Its SCIM base URL is ${url}/scim/v2
SCIM_TOKEN=${scimToken}
curl -i -w '\\n' '${url}/scim/v2/Users' -H "Authorization: Bearer $SCIM_TOKEN" -H 'Content-Type: application/scim+json' \\
  -d '{"schemas":["${userUrn}"],"userName":"barbara-${suffix}@example.com","displayName":"Barbara Liskov"}'`,
          },
        ] as const)),
  ];

  return `
Roster is ready at ${url} (${seconds.toFixed(1)} s). API reference: ${url}/docs

Tenants, and the scope in which emails and usernames are unique:
${sampleTenants.map((tenant) => `  ${tenant.slug.padEnd(7)} ${tenant.tenantId}  ${tenant.uniqueness === 'system' ? 'across north and south' : 'in the tenant'}`).join('\n')}

An administrator app client of each: client ID and secret for ${url}/oauth2/token, or the secret as X-API-Key
${appClients.map(({ slug, clientId, clientSecret }) => `  ${slug.padEnd(7)} ${clientId}  ${clientSecret}`).join('\n')}

Paste this into another terminal to try it:

# Tokens for an administrator of ${slug} and a system administrator, valid for an hour. Others: POST ${url}/_local/token
TOKEN=${token}
SYSTEM=${system}

${examples
  .filter(({ dialect }) => dialects.includes(dialect))
  .map(({ command }) => `${command}\n\n`)
  .join(
    '',
  )}# Ada has no password yet and is invited by email. No email leaves this machine: ${url}/_local/mailbox
curl -s -w '\\n' '${url}/_local/mailbox?to=ada-${suffix}@example.com'

Ctrl-C stops it. The data stays ${data}.
`;
}
