/** How long after an invitation its mail is handed over: `npm start` as it is, and invitations at a pace that waits for nothing. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Mail } from '../../../infra/local/fakes/mailbox.ts';
import { sampleTenants } from '../../../infra/local/dev/samples.ts';
import type { Created } from '../support/load.ts';
import { end, freePort, ready, start } from '../support/processes.ts';
import { startLoad } from '../support/slices.ts';
import { quantile } from '../support/statistics.ts';

/** Milliseconds. */
export interface Delay {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Mails {
  readonly perSecond: number;
  readonly invitations: number;
  /** Invitations whose mail had not come when there was time enough, and mails that came once more. */
  readonly missing: number;
  readonly again: number;
  /** Until SES, or what stands in for it, has the mail: from when the caller had the answer, and from `createdTime`, which is before the write. */
  readonly sinceAnswer: Delay;
  readonly sinceCreated: Delay;
}

const perSecond = 50;
/** How long after one mail there may be another, even where a batch of them has failed and is tried again. */
const patienceMs = 10_000;

/**
 * Invites so many people of one tenant, after as many seconds of the same in another. At most 490: a tenant may have 500 mails sent an hour,
 * and the mailbox shows the last 500.
 */
export async function measureMails(
  folder: string,
  {
    warmUp,
    invitations,
    tell,
  }: { warmUp: number; invitations: number; tell: (line: string) => void },
): Promise<Mails> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const npm = start('npm', ['start'], {
    env: { ...process.env, ROSTER_LOCAL: folder, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await ready(npm, `${url}/healthz`);
  const load = startLoad({
    issuer: { issuer: `http://localhost:${port}/_local`, keyFile: join(folder, 'issuer-key.json') },
  });
  const target = { process: npm, users: () => `${url}/v1/users` };
  const invite = async ({ tenantId }: { tenantId: string }, count: number) => {
    await fetch(`${url}/_local/mailbox`, { method: 'DELETE' });
    const { created } = await load.send(target, tenantId, { count, concurrency: 256, perSecond });
    return { created, mails: await mailsIn(url, count) };
  };

  const [measured, other] = sampleTenants;
  await invite(other, warmUp);
  const { created, mails } = await invite(measured, invitations);
  await load.end();
  await end(npm);

  const result = { perSecond, invitations, ...compare(created, mails) };
  tell(
    `mails: p95 ${result.sinceAnswer.p95.toFixed(0)} ms after the answer, ${result.missing} of ${invitations} missing`,
  );
  return result;
}

/** What is in the mailbox once it is so many mails, or no more have come for a while. */
export async function mailsIn(url: string, count = 0): Promise<readonly Mail[]> {
  let seen = 0;
  for (let since = performance.now(); ; await sleep(500)) {
    const { mails } = (await (await fetch(`${url}/_local/mailbox`)).json()) as {
      mails: readonly Mail[];
    };
    if (mails.length >= count || performance.now() - since > patienceMs) return mails;
    if (mails.length > seen) since = performance.now();
    seen = mails.length;
  }
}

function compare(
  created: readonly Created[],
  mails: readonly Mail[],
): Omit<Mails, 'perSecond' | 'invitations'> {
  // The newest is the first: of several to one address the first that went out counts.
  const taken = new Map(mails.map(({ to: [address = ''], time }) => [address, Date.parse(time)]));
  const delays = (since: (user: Created) => number): Delay => {
    const all = created
      .map((user) => (taken.get(user.email) ?? NaN) - since(user))
      .filter((delay) => !Number.isNaN(delay));
    return { p50: quantile(all, 0.5), p95: quantile(all, 0.95), p99: quantile(all, 0.99) };
  };
  return {
    missing: created.filter(({ email }) => !taken.has(email)).length,
    again: mails.length - taken.size,
    sinceAnswer: delays(({ answered }) => answered),
    sinceCreated: delays(({ createdTime }) => Date.parse(createdTime)),
  };
}
