import { parseArgs } from 'node:util';
import { createIssuer } from './local/issuer.ts';

const usage = `Usage: npm run --silent issuer -- --key FILE --issuer URL [--tenant ID --roles ROLE,… --subject NAME]
Without --tenant and --roles it prints the entry for \`issuers\` in a deployment's configuration; with either, an access token for an hour.
The key is made when FILE is not there. Whoever has it can be anybody: keep it as you keep a password.`;

/**
 * A token issuer that is a key in a file, for a deployment that has no identity provider yet. The entry that it prints is
 * trusted for every tenant and for system administrators.
 */
function main(): void {
  const { key, issuer, tenant, roles, subject } = parseArgs({
    options: {
      key: { type: 'string' },
      issuer: { type: 'string' },
      tenant: { type: 'string' },
      roles: { type: 'string' },
      subject: { type: 'string', default: 'operator' },
    },
  }).values;
  if (key === undefined || issuer === undefined) throw new Error('--key and --issuer are needed');
  const { settings, mintAccessToken } = createIssuer({ issuer, keyFile: key });
  // Nobody serves the key at an address: it is trusted by value.
  const { jwksUri: _nowhere, ...entry } = settings;
  if (tenant === undefined && roles === undefined) console.log(JSON.stringify(entry, null, 2));
  else console.log(mintAccessToken({ sub: subject, ...(tenant && { tenantId: tenant }), roles: roles?.split(',') ?? [] }));
}

try {
  main();
} catch (error) {
  console.error(`${(error as Error).message}\n\n${usage}`);
  process.exitCode = 1;
}
