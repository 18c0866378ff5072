/** Requests of identity providers, each with the answer that it needs. */
import { describe, it } from 'vitest';
import { runStep, type SavedIds } from '../../support/scim/run-step.ts';
import { createScimClient, type ScimClient } from '../../support/scim/scim-client.ts';
import { createTestService, type TestResponse } from '../../support/service.ts';
import { scenarios } from '../../vectors/scim/requests.ts';

const service = await createTestService();

describe.each(scenarios)('$provider: $name', ({ provider, connection, steps }) => {
  const ids: SavedIds = new Map();
  let client: ScimClient | undefined;
  let before: TestResponse | undefined;
  for (const step of steps) {
    const row = step.row === undefined ? '' : ` [${step.row}]`;
    it(`${step.title}${row}`, async () => {
      client ??= await createScimClient(service, { provider, ...connection });
      before = await runStep(client, step, { ids, before });
    });
  }
});
