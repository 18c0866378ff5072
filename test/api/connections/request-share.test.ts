import { expect, it } from 'vitest';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import { createConnection } from '../../support/scim/create-connection.ts';
import { createTestService } from '../../support/service.ts';

const clock = createTestClock();
/** Defaults of the configuration. */
const environment = {
  TENANT_REQUESTS_PER_SECOND: '50',
  TENANT_UNITS_PER_SECOND: '2000',
  PRINCIPAL_SHARE: '0.5',
};
const service = await createTestService({ now: clock.now, environment });

/** 25 requests per second in a window of 10 s. */
const minRequests = 250;

it('lets a connection send 25 requests per second, and leaves the rest to others', async () => {
  const admin = { token: clock.aTokenOf('acme', ['admin']) };
  const { body } = await createConnection(service, 'acme', {}, admin);
  const token = String(body.token);
  const path = '/scim/v2/ServiceProviderConfig';
  let accepted = 0;
  let response = await service.get(path, { token });
  while (response.status === 200 && accepted < 2 * minRequests) {
    accepted++;
    response = await service.get(path, { token });
  }

  expect(accepted).toBeGreaterThanOrEqual(minRequests);
  expect(response).toMatchObject({
    status: 429,
    headers: { 'retry-after': expect.any(String) },
    body: { status: '429', schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'] },
  });
  expect((await service.get('/v1/roles', admin)).status).toBe(200);
});
