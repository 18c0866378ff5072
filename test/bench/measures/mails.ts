/** Delay of invitation mails: `npm start` unchanged, with invitations at a fixed rate. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Mail } from '../../../infra/local/fakes/mailbox.ts';
import { sampleTenants } from '../../../infra/local/dev/samples.ts';
import type { CreatedUser } from '../support/load.ts';
import { end, freePort, waitUntilReady, start } from '../support/processes.ts';
import { startLoad } from '../support/slices.ts';
import { quantile } from '../support/statistics.ts';

export interface Delay {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Mails {
  readonly perSecond: number;
  readonly invitations: number;
  /** Invitations without a mail at the end, and duplicate mails. */
  readonly missing: number;
  readonly again: number;
  /**
   * Delay until SES (or its fake) has the mail, in ms: since the response, and since `createdAt`,
   * which is before the write.
   */
  readonly sinceAnswer: Delay;
  readonly sinceCreated: Delay;
}

const perSecond = 50;
/** Maximum gap between mails, including a retry of a failed batch. */
const patienceMs = 10_000;

/**
 * Invites users of one tenant, after a warm-up in another. At most 490, because of the hourly limit
 * and the size of the mailbox.
 */
export async function measureMails(
  folder: string,
  {
    warmUp,
    invitations,
    log,
  }: { warmUp: number; invitations: number; log: (line: string) => void },
): Promise<Mails> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const npm = start('npm', ['start'], {
    env: { ...process.env, ROSTER_LOCAL: folder, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await waitUntilReady(npm, `${url}/healthz`);
  const load = startLoad({
    issuer: { issuer: `http://localhost:${port}/_local`, keyFile: join(folder, 'issuer-key.json') },
  });
  const target = { process: npm, users: () => `${url}/v1/users` };
  const invite = async ({ tenantId }: { tenantId: string }, count: number) => {
    await fetch(`${url}/_local/mailbox`, { method: 'DELETE' });
    const { created } = await load.send(target, tenantId, { count, concurrency: 256, perSecond });
    return { created, mails: await readMailbox(url, count) };
  };

  const [measured, other] = sampleTenants;
  await invite(other, warmUp);
  const { created, mails } = await invite(measured, invitations);
  await load.end();
  await end(npm);

  const result = { perSecond, invitations, ...compare(created, mails) };
  log(
    `mails: p95 ${result.sinceAnswer.p95.toFixed(0)} ms after the response, ${result.missing} of ${invitations} missing`,
  );
  return result;
}

/** Reads the mailbox once it has enough mails, or once no more arrive. */
export async function readMailbox(url: string, count = 0): Promise<readonly Mail[]> {
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
  created: readonly CreatedUser[],
  mails: readonly Mail[],
): Omit<Mails, 'perSecond' | 'invitations'> {
  // The mailbox lists the newest first. The oldest mail to an address counts.
  const taken = new Map(mails.map(({ to: [address = ''], time }) => [address, Date.parse(time)]));
  const delays = (since: (user: CreatedUser) => number): Delay => {
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
