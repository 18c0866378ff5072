/** A key set over HTTP on this machine, which can be made to misbehave. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Signer } from '../tokens/token-signer.ts';
import { createTestService } from '../service.ts';

/** Answers with this text. */
export const respondWith =
  (text: string | Buffer, status = 200): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(text);

/** Responds with these keys. */
export const keySet = (...keys: readonly object[]): RequestListener =>
  respondWith(JSON.stringify({ keys }));

/** Starts a server that counts its requests until the end of the test. */
export async function createKeyServer(first: RequestListener) {
  let answer = first;
  const requested: string[] = [];
  const server = createServer((request, response) => {
    requested.push(`${request.method} ${request.url}`);
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  onTestFinished(stop);
  return {
    jwksUri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    /** All requests so far. */
    requested,
    answersWith: (next: RequestListener) => void (answer = next),
    stop,
  };
}

/** Creates a service with one issuer, whose keys are on this server, and a test clock. */
export async function createServiceWithKeys(
  signer: Signer,
  { jwksUri }: { jwksUri: string },
  changes: object = {},
) {
  let clock = Date.now();
  const settings = { ...signer.settings, jwks: undefined, jwksUri, ...changes };
  const service = await createTestService({
    now: () => new Date(clock),
    environment: { ISSUERS: JSON.stringify([settings]) },
  });
  return {
    /** 404 for an accepted token, because the user does not exist. */
    reads: (token: string) => service.get('/v1/users/cradl:user:nobody', { token }),
    posts: (token: string) => service.post('/v1/users', { email: 'jo@example.com' }, { token }),
    passes: (milliseconds: number) => void (clock += milliseconds),
    stored: service.stored,
  };
}

export const statuses = async (
  answers: readonly Promise<{ status: number }>[],
): Promise<number[]> => (await Promise.all(answers)).map(({ status }) => status);
