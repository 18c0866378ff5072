/** Effect of a flooding tenant on another tenant, with and without the tenant rate limit. */
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { sampleTenants } from '../../../infra/local/dev/samples.ts';
import { end } from '../support/processes.ts';
import { runWorkers } from './sign-ins.ts';
import { startLoad } from '../support/slices.ts';
import { type Stage, startRoster, type Target } from '../support/stage.ts';
import { quantile } from '../support/statistics.ts';

const [{ tenantId: quiet }, { tenantId: noisy }] = sampleTenants;
/** Default tenant limit of a deployment. */
const limit = 50;
/** Rate below the limit and far below the capacity of the machine. */
const perSecond = 40;
const floodConcurrency = 16;
const warmUpSeconds = 1;

export interface Neighbor {
  readonly name: string;
  /** Read latency of the quiet tenant, in ms. */
  readonly p50: number;
  readonly p99: number;
  /** Requests per second of the flooding tenant. Undefined if it sends nothing. */
  readonly flood: { readonly served: number; readonly refused: number } | undefined;
}

/**
 * Measures the reads of one tenant, alone and beside a flood. Restarts Roster with the limit, so
 * this measurement is the last one. Both tenants share one process here. Lambda has one per
 * concurrent request.
 */
export async function measureNeighbors(
  stage: Stage,
  { folder, seconds, log }: { folder: string; seconds: number; log: (line: string) => void },
): Promise<Neighbor[]> {
  const { mintAccessToken } = createIssuer(stage.issuer);
  const token = mintAccessToken({ sub: 'noisy', tenantId: noisy, roles: ['admin'] });
  const load = startLoad(stage);
  const { created } = await load.send(stage.roster, quiet, {
    count: 50,
    concurrency: floodConcurrency,
  });
  const reads = created.map(({ userId }) => `/${userId}`);
  const list = (target: Target, headers: Record<string, string>) =>
    getStatus(`${target.users(noisy)}?maxResults=1`, headers);

  const measure = async (name: string, target: Target, flooded: boolean): Promise<Neighbor> => {
    const counts = { served: 0, refused: 0 };
    const sends = async () => {
      counts[
        (await list(target, { authorization: `Bearer ${token}` })) === 429 ? 'refused' : 'served'
      ]++;
    };
    const flood = flooded ? runWorkers(floodConcurrency, seconds, sends) : undefined;
    const { latencies } = await load.send(target, quiet, {
      count: perSecond * seconds,
      concurrency: perSecond,
      perSecond,
      reads,
    });
    await flood;
    const rates = { served: counts.served / seconds, refused: counts.refused / seconds };
    return {
      name,
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      flood: flooded ? rates : undefined,
    };
  };

  const unlimited = await measure('beside a flood, no limit', stage.roster, true);
  await end(stage.roster.process);
  const port = Number(new URL(stage.roster.users(quiet)).port);
  const limited = await startRoster(folder, port, {
    TENANT_REQUESTS_PER_SECOND: String(limit),
    PRINCIPAL_SHARE: '1',
  });
  // Requests without a tenant do not use a tenant's quota.
  const headers = {
    authorization: `Bearer ${mintAccessToken({ sub: 'system', roles: ['system_admin'] })}`,
    'x-tenant-id': noisy,
  };
  await runWorkers(floodConcurrency, warmUpSeconds, () => list(limited, headers));
  const alone = await measure('alone', limited, false);
  const beside = await measure(`beside a flood, at most ${limit}/s`, limited, true);
  await load.end();
  log(
    `reads of one tenant: p99 ${alone.p99.toFixed(1)} ms alone, ${beside.p99.toFixed(1)} ms beside a flood, ${unlimited.p99.toFixed(1)} ms without the limit`,
  );
  return [alone, beside, unlimited];
}

async function getStatus(url: string, headers: Record<string, string>): Promise<number> {
  const response = await fetch(url, { headers });
  const text = await response.text();
  if (response.status !== 200 && response.status !== 429)
    throw new Error(`${url} answered ${response.status}: ${text}`);
  return response.status;
}
