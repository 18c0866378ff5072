import { promises as dns } from 'node:dns';
import type { LookUpTxt, TxtAnswer } from '../domain/domains/dns-record.ts';
import type { DurationMs } from '../domain/kernel/time.ts';
import type { LookUpAddresses } from '../domain/webhooks/public-address.ts';

/** Name of the resolver that the environment configures. In Lambda, it belongs to AWS. */
const systemResolver = 'system';

const timeoutMs: DurationMs = 2000;
const maxTries = 2;

/** Codes of answers without a record of the name and type. */
const missingCodes: readonly unknown[] = ['ENOTFOUND', 'ENODATA'];

/** Looks up TXT records with resolvers: `system`, or IP addresses with an optional port. */
export const createTxtLookup =
  (resolvers: readonly string[]): LookUpTxt =>
  (name) =>
    Promise.all(resolvers.map((address) => resolveTxt(name, address)));

/** Looks up A and AAAA records with a resolver. Fails if one of the two look-ups fails. */
export const createAddressLookup =
  (resolver = systemResolver): LookUpAddresses =>
  async (name) => {
    const answers = await Promise.all([
      query(resolver, (each) => each.resolve4(name)),
      query(resolver, (each) => each.resolve6(name)),
    ]);
    return answers.includes('failed') ? 'failed' : answers.flat();
  };

async function resolveTxt(name: string, address: string): Promise<TxtAnswer> {
  const records = await query(address, (resolver) => resolver.resolveTxt(name));
  // A record can consist of several strings (RFC 1035 §3.3.14).
  return records === 'failed' ? records : records.map((strings) => strings.join(''));
}

/** Sends one query to a resolver. Returns no records for a name without records of the type. */
async function query<Record>(
  address: string,
  resolve: (resolver: dns.Resolver) => Promise<Record[]>,
): Promise<Record[] | 'failed'> {
  // A new one for each look-up, because the sockets of a frozen Lambda function are lost.
  const resolver = new dns.Resolver({ timeout: timeoutMs, tries: maxTries });
  if (address !== systemResolver) resolver.setServers([address]);
  // The resolver extends its timeout with each try and server.
  const timer = setTimeout(() => resolver.cancel(), timeoutMs * maxTries);
  try {
    return await resolve(resolver);
  } catch (error) {
    return missingCodes.includes((error as NodeJS.ErrnoException).code) ? [] : 'failed';
  } finally {
    clearTimeout(timer);
  }
}
