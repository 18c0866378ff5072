import type { FakeDns } from '../fakes/dns.ts';
import { parseObject } from '../fakes/json.ts';
import type { GatewayResponse } from '../gateway/response.ts';
import { jsonResponse, textResponse } from '../gateway/server.ts';

/** Lists the TXT records. */
export const listRecords = ({ records }: FakeDns): GatewayResponse =>
  jsonResponse(200, { records: Object.fromEntries(records) });

/** Adds a TXT record. */
export function putRecord(body: Buffer, dns: FakeDns): GatewayResponse {
  const { name, value, ...unknownKeys } = parseObject(body.toString()) ?? {};
  const isValid =
    typeof name === 'string' &&
    /^[\w.-]{1,253}$/.test(name) &&
    typeof value === 'string' &&
    /^[ -~]{1,255}$/.test(value);
  if (!isValid || Object.keys(unknownKeys).length > 0)
    return textResponse(400, 'Send {"name", "value"}: a domain name, and up to 255 characters.\n');
  const key = name.toLowerCase();
  dns.records.set(key, [...(dns.records.get(key) ?? []), value]);
  return listRecords(dns);
}
