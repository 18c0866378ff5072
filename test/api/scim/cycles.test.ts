/** Provisioning cycles of identity providers, which `npm run scim:demo` sends, too. */
import { expect, it } from 'vitest';
import { runStep } from '../../support/scim/run-step.ts';
import { createScimClient } from '../../support/scim/scim-client.ts';
import { createTestService } from '../../support/service.ts';
import type { Scenario } from '../../vectors/scim/requests.ts';
import entra from '../../vectors/scim/entra.json' with { type: 'json' };
import okta from '../../vectors/scim/okta.json' with { type: 'json' };

/** A cycle leaves the tenant in a state in which it can run again. */
type Cycle = Scenario & { readonly headers: Readonly<Record<string, string>> };

const service = await createTestService();

it.each([okta, entra] as unknown as readonly Cycle[])(
  'serves a provisioning cycle twice: $provider',
  async ({ provider, headers, steps }) => {
    const client = await createScimClient(service, { provider });
    const runs: string[][] = [];
    for (let run = 0; run < 2; run++) {
      const ids = new Map<string, string>();
      for (const step of steps)
        await runStep(client, { ...step, headers }, { ids, before: undefined });
      runs.push([...ids.values()]);
    }

    const [first = [], second = []] = runs;
    const reactivated = first.filter((id) => second.includes(id));
    // Okta deactivates its users and creates them again. Entra ID deletes them.
    expect(reactivated.length).toBe(provider === 'okta' ? 2 : 0);
  },
);
