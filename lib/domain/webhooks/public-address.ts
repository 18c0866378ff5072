import { BlockList, isIP } from 'node:net';

/** Looks up all IPv4 and IPv6 addresses of a name. Empty if there are none. */
export type LookUpAddresses = (name: string) => Promise<readonly string[] | 'failed'>;

/** Networks that are not globally reachable (IANA IPv4 special-purpose registry), and multicast. */
const specialIpv4Networks = `
  0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
  192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24
  224.0.0.0/3`;

/** Global unicast (RFC 4291 §2.4). Excludes mapped addresses and NAT64, which contain an IPv4. */
const globalIpv6Network = '2000::/3';

/** Protocol assignments with Teredo, documentation, and 6to4 (IANA IPv6 special-purpose registry). */
const specialIpv6Networks = '2001::/23 2001:db8::/32 2002::/16 3fff::/20';

function createNetworks(networks: string, family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const network of networks.trim().split(/\s+/)) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

const specialIpv4 = createNetworks(specialIpv4Networks, 'ipv4');
const globalIpv6 = createNetworks(globalIpv6Network, 'ipv6');
const specialIpv6 = createNetworks(specialIpv6Networks, 'ipv6');

/** True for a global unicast address that belongs to no special-purpose network. */
export function isPublicAddress(address: string): boolean {
  if (address.includes('%')) return false;
  const version = isIP(address);
  if (version === 4) return !specialIpv4.check(address, 'ipv4');
  return version === 6 && globalIpv6.check(address, 'ipv6') && !specialIpv6.check(address, 'ipv6');
}

/** Names of this machine, which only the local server accepts. */
export const localHosts: readonly string[] = ['localhost', '127.0.0.1'];

/** True for a host of the API, or below one: a webhook must not call Roster. */
export const isOwnHost = (host: string, ownHosts: readonly string[]): boolean =>
  ownHosts.some((own) => host === own || host.endsWith(`.${own}`));

interface AddressOptions {
  readonly lookUpAddresses: LookUpAddresses;
  readonly allowsAddress?: ((address: string) => boolean) | undefined;
}

/**
 * Finds the addresses of a host for one connection. Refuses all of them if any is not public, and
 * IP addresses as hosts. The caller connects to these addresses without another look-up, so a
 * second answer of the DNS has no effect.
 */
export async function findPublicAddresses(
  host: string,
  { lookUpAddresses, allowsAddress = isPublicAddress }: AddressOptions,
): Promise<readonly string[] | 'name' | 'address_refused'> {
  if (isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0) return 'address_refused';
  const addresses = await lookUpAddresses(host);
  if (addresses === 'failed' || addresses.length === 0) return 'name';
  return addresses.every(allowsAddress) ? addresses : 'address_refused';
}
