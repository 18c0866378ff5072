/** Sign-ins per second, compared with plain hashes per second on the same cores. */
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { hashPassword } from '../../../lib/domain/credentials/hash-password.ts';
import { type Stage, tenantId } from '../support/stage.ts';
import { quantile } from '../support/statistics.ts';

export interface SignIns {
  readonly concurrency: number;
  /** Per second. */
  readonly rate: number;
  /** Plain hashes per second with one worker per core. */
  readonly hashRate: number;
  /** Latency in ms. */
  readonly p50: number;
  readonly p95: number;
}

const password = 'tangled-orchard-7-lamps';

/**
 * Signs users in with as many workers as cores, and with more. If hashing ran wider than the cores,
 * the rate would drop. Each worker uses its own account, because attempts on one account wait for
 * each other.
 */
export async function measureSignIns(
  { roster, issuer }: Stage,
  { seconds, log }: { seconds: number; log: (line: string) => void },
): Promise<SignIns[]> {
  const hashRate = (await runWorkers(availableParallelism(), seconds, () => hashPassword(password)))
    .rate;
  const url = new URL(roster.users(tenantId)).origin;
  const token = createIssuer(issuer).mintAccessToken({ sub: 'admin', tenantId, roles: ['admin'] });
  const widths = [1, availableParallelism(), availableParallelism() * 8];
  const emails = Array.from(
    { length: Math.max(...widths) },
    (_, index) => `signs-in-${index}@example.com`,
  );
  for (const email of emails) await post(`${url}/v1/users`, { email, password }, 201, token);
  const results: SignIns[] = [];
  for (const concurrency of widths) {
    const signsIn = (worker: number) =>
      post(`${url}/v1/auth/token`, { tenant: tenantId, email: emails[worker], password }, 200);
    results.push({ concurrency, hashRate, ...(await runWorkers(concurrency, seconds, signsIn)) });
  }
  log(
    `sign in: ${results.map(({ concurrency, rate }) => `${rate.toFixed(1)}/s by ${concurrency}`).join(', ')}`,
  );
  return results;
}

/** Runs workers that repeat the task. */
export async function runWorkers(
  workers: number,
  seconds: number,
  work: (worker: number) => Promise<unknown>,
) {
  const latencies: number[] = [];
  const began = performance.now();
  const until = began + seconds * 1000;
  const turns = async (worker: number): Promise<void> => {
    while (performance.now() < until) {
      const started = performance.now();
      await work(worker);
      latencies.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => turns(worker)));
  const taken = (performance.now() - began) / 1000;
  return {
    rate: latencies.length / taken,
    p50: quantile(latencies, 0.5),
    p95: quantile(latencies, 0.95),
  };
}

async function post(url: string, body: object, expected: number, token?: string): Promise<void> {
  const headers = {
    'content-type': 'application/json',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (response.status !== expected) throw new Error(`${url} answered ${response.status}: ${text}`);
}
