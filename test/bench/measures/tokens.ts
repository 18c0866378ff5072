/** Access tokens per second for an app client. */
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { runWorkers } from './sign-ins.ts';
import { type Stage, tenantId } from '../support/stage.ts';

export interface Tokens {
  readonly concurrency: number;
  /** Per second. */
  readonly rate: number;
  /** Latency in ms. */
  readonly p50: number;
  readonly p95: number;
}

/** Requests tokens of one app client, one at a time and 16 at a time. */
export async function measureTokens(
  { roster, issuer }: Stage,
  { seconds, log }: { seconds: number; log: (line: string) => void },
): Promise<Tokens[]> {
  const url = new URL(roster.users(tenantId)).origin;
  const admin = createIssuer(issuer).mintAccessToken({ sub: 'admin', tenantId, roles: ['admin'] });
  const response = await fetch(`${url}/v1/app-clients`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${admin}` },
    body: JSON.stringify({ name: 'Bench', roleIds: ['cradl:role:user'] }),
  });
  const { clientId, secret } = (await response.json()) as { clientId: string; secret: string };
  const authorization = `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`;
  const asks = async () => {
    const response = await fetch(`${url}/oauth2/token`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
    });
    const text = await response.text();
    if (response.status !== 200)
      throw new Error(`the token endpoint answered ${response.status}: ${text}`);
  };
  await runWorkers(1, 1, asks);
  const results: Tokens[] = [];
  for (const concurrency of [1, 16])
    results.push({ concurrency, ...(await runWorkers(concurrency, seconds, asks)) });
  log(
    `tokens: ${results.map(({ concurrency, rate }) => `${rate.toFixed(0)}/s by ${concurrency}`).join(', ')}`,
  );
  return results;
}
