import { toHex, toUuid, type Uuid } from '../kernel/ids.ts';
import type { Keyring } from '../kernel/keyring.ts';

/** Keyed hash of a tenant in the IDs of its events, 80 bits. */
export type EventIdKey = string;

/** Computes the part that the IDs of all events of a tenant share. Throws `unavailable`. */
export const getEventIdKey = async (
  tenantId: Uuid,
  keyring: Pick<Keyring, 'mac'>,
): Promise<EventIdKey> => (await keyring.mac('events', [tenantId])).subarray(0, 10).toString('hex');

/**
 * Builds the ID of an event (UUIDv8, RFC 9562 §5.8): its number in the first 48 bits, then the key
 * of the tenant.
 */
export function buildEventId(sequence: number, key: EventIdKey): Uuid {
  const variant = ((Number.parseInt(key.slice(3, 4), 16) & 0x3) | 0x8).toString(16);
  const digits = sequence.toString(16).padStart(12, '0');
  return toUuid(`${digits}8${key.slice(0, 3)}${variant}${key.slice(4, 19)}`);
}

/** Parses the number in the ID of an event. Undefined unless the ID has the key of the tenant. */
export function parseEventId(id: Uuid, key: EventIdKey): number | undefined {
  const sequence = Number.parseInt(toHex(id).slice(0, 12), 16);
  return buildEventId(sequence, key) === id ? sequence : undefined;
}
