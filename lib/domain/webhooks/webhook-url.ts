import { canonicalizeDomain } from '../kernel/canonical.ts';
import { type Failure, invalidInput } from '../kernel/failure.ts';
import {
  findPublicAddresses,
  isOwnHost,
  localHosts,
  type LookUpAddresses,
} from './public-address.ts';

/** Rules for the URLs of webhooks. */
export interface UrlRules {
  readonly ports: readonly number[];
  /** Hosts of the API, which are refused with their subdomains. */
  readonly ownHosts: readonly string[];
  /** True to accept this machine, with http too. Never in a deployment. */
  readonly allowsLocalHosts: boolean;
}

export interface UrlDependencies {
  readonly urlRules: UrlRules;
  readonly lookUpAddresses: LookUpAddresses;
}

export const maxUrlLength = 2048;

/**
 * Checks a URL and the current addresses of its host, and returns its canonical form. The delivery
 * checks the addresses again for each connection. Throws `invalid_input`.
 */
export async function checkWebhookUrl(
  text: string,
  { urlRules, lookUpAddresses }: UrlDependencies,
): Promise<string> {
  const url = URL.parse(text);
  if (!url) throw invalidUrl('must be a URL such as https://hooks.example.com/roster');
  const { hostname, protocol } = url;
  if (url.username !== '' || url.password !== '')
    throw invalidUrl('cannot contain credentials. Verify the signature instead.');
  if (url.hash !== '') throw invalidUrl('cannot have a fragment');
  const isLocal = urlRules.allowsLocalHosts && localHosts.includes(hostname);
  if (isLocal && protocol === 'http:') return url.href;
  if (protocol !== 'https:') throw invalidUrl('must use https');
  if (isLocal) return url.href;
  // The parser converts every spelling of an IP address, such as 2130706433, to digits and dots.
  if (canonicalizeDomain(hostname) !== hostname)
    throw invalidUrl('must have a domain name as its host, such as hooks.example.com');
  if (isOwnHost(hostname, urlRules.ownHosts)) throw invalidUrl('cannot be an address of this API');
  if (!urlRules.ports.includes(Number(url.port || 443)))
    throw invalidUrl(`must use port ${urlRules.ports.join(' or ')}`);
  const addresses = await findPublicAddresses(hostname, { lookUpAddresses });
  if (addresses === 'name') throw invalidUrl('must have a host that the DNS resolves');
  if (addresses === 'address_refused')
    throw invalidUrl('must have a host with public IP addresses only');
  return url.href;
}

const invalidUrl = (message: string): Failure => invalidInput({ path: 'url', message });
