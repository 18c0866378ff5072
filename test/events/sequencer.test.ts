import { expect, it } from 'vitest';
import { createTestClock } from '../support/scenarios/user-states.ts';
import { fillTenant } from '../support/scenarios/fill-tenant.ts';
import { createTestService } from '../support/service.ts';

it('numbers changes of every kind once, in the order of each resource', async () => {
  const clock = createTestClock();
  const service = await createTestService({ now: clock.now, hasStream: true });
  await fillTenant(service, clock, 'acme');
  await service.numberChanges();
  const events = await service.readFeed('acme');
  expect(events.length).toBeGreaterThan(20);
});
