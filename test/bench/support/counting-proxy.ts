/** Proxy to the database that counts requests and their consumed capacity. */
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Request to DynamoDB, without those to its streams. */
export interface CountedRequest {
  /** `Query`, `TransactWriteItems` … */
  readonly operation: string;
  readonly text: string;
  /** Consumed capacity units, including those of indexes. */
  readonly units: number;
  readonly indexUnits: number;
}

export interface CountingProxy {
  readonly endpoint: string;
  /** Requests so far, in the order of their responses. */
  readonly requests: readonly CountedRequest[];
  stop(): Promise<void>;
}

/** Starts the proxy. It asks for the consumed capacity of each request. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const agent = new Agent({ keepAlive: true });
  const requests: CountedRequest[] = [];
  const server = createServer((incoming, response) => {
    void forward(incoming).then(
      ({ status, text }) =>
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(text),
      () => response.destroy(),
    );
  });

  async function forward(incoming: IncomingMessage): Promise<{ status: number; text: string }> {
    const [service = '', operation = ''] = String(incoming.headers['x-amz-target']).split('.');
    const text = await readText(incoming);
    const isCounted = service.startsWith('DynamoDB_') && /Item|Query|Scan/.test(operation);
    const sent = isCounted
      ? JSON.stringify({ ...(JSON.parse(text) as object), ReturnConsumedCapacity: 'INDEXES' })
      : text;
    const headers = { ...incoming.headers, 'content-length': Buffer.byteLength(sent) };
    const outgoing = request(`${target}${incoming.url ?? '/'}`, { method: 'POST', headers, agent });
    outgoing.end(sent);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    const received = await readText(answer);
    if (isCounted) requests.push({ operation, text, ...readConsumption(received) });
    return { status: answer.statusCode ?? 502, text: received };
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    agent.destroy();
  };
  return { endpoint: `http://127.0.0.1:${port}`, requests, stop };
}

interface Consumption {
  readonly CapacityUnits: number;
  readonly GlobalSecondaryIndexes?: Readonly<Record<string, Consumption>>;
}

function readConsumption(text: string): Pick<CountedRequest, 'units' | 'indexUnits'> {
  const { ConsumedCapacity = [] } = JSON.parse(text) as {
    ConsumedCapacity?: Consumption | readonly Consumption[];
  };
  const tables = [ConsumedCapacity].flat();
  const indexes = tables.flatMap(({ GlobalSecondaryIndexes = {} }) =>
    Object.values(GlobalSecondaryIndexes),
  );
  return { units: sumUnits(tables), indexUnits: sumUnits(indexes) };
}

const sumUnits = (consumptions: readonly Consumption[]): number =>
  consumptions.reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0);

async function readText(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
