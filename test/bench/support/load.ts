/** Load generator: a process that receives its tasks by IPC, separate from the measured server. */
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';

/** Requests to one server over keep-alive connections. */
export interface Job {
  readonly url: string;
  readonly count: number;
  readonly concurrency: number;
  /**
   * Fixed requests per second, regardless of responses. If absent, each connection sends after its
   * previous response.
   */
  readonly perSecond?: number;
  /** Paths below `url` to read in turns. If absent, the generator creates users. */
  readonly reads?: readonly string[];
  readonly password?: boolean;
  readonly withoutRoles?: boolean;
  /** Token for all requests, or one token per caller. */
  readonly tokens: {
    readonly issuer: string;
    readonly keyFile: string;
    readonly tenantId: string;
    readonly each: boolean;
  };
}

export interface Outcome {
  readonly seconds: number;
  /** Latency of each request in ms. */
  readonly latencies: readonly number[];
  readonly created: readonly CreatedUser[];
}

/** Created user. */
export interface CreatedUser {
  readonly userId: string;
  readonly email: string;
  /** ISO 8601, from the response. */
  readonly createdTime: string;
  /** Arrival of the response in epoch milliseconds. */
  readonly answered: number;
}

/** By issuer and tenant. */
const rememberedTokens = new Map<string, string>();

process.on('message', (job: Job) => {
  run(job).then(
    (outcome) => process.send?.(outcome),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function run(job: Job): Promise<Outcome> {
  const { count, concurrency, perSecond, reads } = job;
  const authorization = authorizations(job);
  const bodies = Array.from({ length: reads ? 0 : count }, () => userToCreate(job));
  const expected = reads ? 200 : 201;
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const latencies: number[] = [];
  const answers: { text: string; answered: number }[] = [];

  const send = async (index: number) => {
    const target = `${job.url}${reads?.[index % reads.length] ?? ''}`;
    const began = performance.now();
    const { status, text } = await exchange(agent, target, authorization(index), bodies[index]);
    latencies.push(performance.now() - began);
    if (status !== expected) throw new Error(`${target} answered ${status}: ${text}`);
    if (!reads) answers.push({ text, answered: Date.now() });
  };

  let next = 0;
  const worker = async () => {
    while (next < count) await send(next++);
  };
  const sendLater = async (index: number, milliseconds: number) => {
    await sleep(milliseconds);
    await send(index);
  };
  const began = performance.now();
  await Promise.all(
    perSecond === undefined
      ? Array.from({ length: concurrency }, worker)
      : Array.from({ length: count }, (_, index) => sendLater(index, (index * 1000) / perSecond)),
  );
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  const created = answers.map(({ text, answered }): CreatedUser => {
    const { userId, email, createdTime } = JSON.parse(text) as CreatedUser;
    return { userId, email, createdTime, answered };
  });
  return { seconds, latencies, created };
}

/** Tokens are signed before the clock starts. */
function authorizations({
  tokens: { issuer, keyFile, tenantId, each },
  count,
}: Job): (index: number) => string {
  const { mintAccessToken } = createIssuer({ issuer, keyFile });
  const bearer = () =>
    `Bearer ${mintAccessToken({ sub: randomUUID(), tenantId, roles: ['admin'] })}`;
  if (each) {
    const all = Array.from({ length: count }, bearer);
    return (index) => all[index] ?? '';
  }
  const whose = `${issuer} ${tenantId}`;
  const token = rememberedTokens.get(whose) ?? bearer();
  rememberedTokens.set(whose, token);
  return () => token;
}

const userToCreate = ({ password = false, withoutRoles = false }: Job): string =>
  JSON.stringify({
    email: `${randomUUID()}@example.com`,
    name: 'Ada Lovelace',
    ...(!withoutRoles && { roleIds: ['cradl:role:user'] }),
    ...(password && { password: 'correct horse battery staple' }),
  });

const exchange = (
  agent: Agent,
  url: string,
  authorization: string,
  body?: string,
): Promise<{ status: number | undefined; text: string }> =>
  new Promise((resolve, reject) => {
    const headers = {
      authorization,
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': body.length,
      }),
    };
    const sent = request(
      url,
      { agent, method: body === undefined ? 'GET' : 'POST', headers },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => resolve({ status: answer.statusCode, text }));
        answer.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
