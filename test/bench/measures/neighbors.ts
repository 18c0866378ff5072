/** What one tenant notices of another that sends as fast as it can: with the limit on requests of a tenant in force, and without. */
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { sampleTenants } from '../../../infra/local/dev/samples.ts';
import { end } from '../support/processes.ts';
import { inTurns } from './sign-ins.ts';
import { startLoad } from '../support/slices.ts';
import { type Stage, startRoster, type Target } from '../support/stage.ts';
import { quantile } from '../support/statistics.ts';

const [{ tenantId: quiet }, { tenantId: noisy }] = sampleTenants;
/** Of a tenant, as a deployment has it by default. */
const limit = 50;
/** Below the limit, and far below what the machine can do. */
const perSecond = 40;
const floodConcurrency = 16;
const warmUpSeconds = 1;

export interface Neighbor {
  readonly name: string;
  /** Milliseconds of the reads of the quiet tenant. */
  readonly p50: number;
  readonly p99: number;
  /** Of the other tenant, per second; undefined where it sends nothing. */
  readonly flood: { readonly served: number; readonly refused: number } | undefined;
}

/**
 * Measures the reads of one tenant for so many seconds: alone, and beside a flood. Replaces the Roster of the stage by one with the limit,
 * so nothing can be measured there afterwards. All share one process here, which Lambda has for each request that it serves at the time.
 */
export async function measureNeighbors(
  stage: Stage,
  { folder, seconds, tell }: { folder: string; seconds: number; tell: (line: string) => void },
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
    statusOf(`${target.users(noisy)}?maxResults=1`, headers);

  const measure = async (name: string, target: Target, flooded: boolean): Promise<Neighbor> => {
    const counts = { served: 0, refused: 0 };
    const sends = async () => {
      counts[
        (await list(target, { authorization: `Bearer ${token}` })) === 429 ? 'refused' : 'served'
      ]++;
    };
    const flood = flooded ? inTurns(floodConcurrency, seconds, sends) : undefined;
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
  // Of no tenant, and so without using up what a tenant may send.
  const headers = {
    authorization: `Bearer ${mintAccessToken({ sub: 'system', roles: ['system_admin'] })}`,
    'x-tenant-id': noisy,
  };
  await inTurns(floodConcurrency, warmUpSeconds, () => list(limited, headers));
  const alone = await measure('alone', limited, false);
  const beside = await measure(`beside a flood, at most ${limit}/s`, limited, true);
  await load.end();
  tell(
    `reads of one tenant: p99 ${alone.p99.toFixed(1)} ms alone, ${beside.p99.toFixed(1)} ms beside a flood, ${unlimited.p99.toFixed(1)} ms without the limit`,
  );
  return [alone, beside, unlimited];
}

async function statusOf(url: string, headers: Record<string, string>): Promise<number> {
  const response = await fetch(url, { headers });
  const text = await response.text();
  if (response.status !== 200 && response.status !== 429)
    throw new Error(`${url} answered ${response.status}: ${text}`);
  return response.status;
}
