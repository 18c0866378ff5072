import { expect, it } from 'vitest';
import { buildEventId, getEventIdKey, parseEventId } from '../../lib/domain/feed/event-id.ts';

const keyring = {
  mac: async (_purpose: string, [tenantId]: readonly unknown[]) =>
    Buffer.alloc(32, tenantId === 'one' ? 'fedcba9876543210ff' : '0123456789abcdef00', 'hex'),
};

it('leads from an event ID to its number, only within its tenant', async () => {
  const [one, two] = await Promise.all(['one', 'two'].map((id) => getEventIdKey(id, keyring)));
  for (const sequence of [1, 49, 999_999_999_999]) {
    const id = buildEventId(sequence, one ?? '');
    // UUIDv8, RFC 9562 §5.8.
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(parseEventId(id, one ?? '')).toBe(sequence);
    expect(parseEventId(id, two ?? '')).toBeUndefined();
    expect(
      parseEventId(
        id.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
        one ?? '',
      ),
    ).toBe(undefined);
  }
  expect(buildEventId(1, one ?? '')).toBe('00000000-0001-8fed-8ba9-876543210fff');
});
