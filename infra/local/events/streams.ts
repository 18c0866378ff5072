import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { DynamoDBRecord } from 'aws-lambda';

/** Record of DynamoDB Streams, as Lambda receives it: typed values, times in epoch seconds. */
export type StreamRecord = DynamoDBRecord & {
  readonly dynamodb: { readonly SequenceNumber: string };
};

export interface Shard {
  readonly ShardId: string;
  readonly ParentShardId?: string;
}

/** Position at which to start reading. */
export type Start = 'TRIM_HORIZON' | 'LATEST' | { readonly after: string };

export const maxRecords = 1000;

/**
 * DynamoDB Streams client on the JSON protocol. The SDK would convert dates and numbers that Lambda
 * passes on unchanged. Requests carry no valid signature, so only local databases accept them.
 */
export function createStreams(endpoint: string, signal: AbortSignal) {
  const { hostname, port } = new URL(endpoint);
  const agent = new Agent({ keepAlive: true });
  signal.addEventListener('abort', () => agent.destroy());

  // `fetch` takes twice the time, and an idle server does little else.
  const send = async (operation: string, body: object): Promise<Record<string, unknown>> => {
    const now = new Date().toISOString().replace(/[:-]|\.\d+/g, '');
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDBStreams_20120810.${operation}`,
      'x-amz-date': now,
      // DynamoDB Local separates data by access key and region. These match the settings of the
      // SDK.
      authorization: `AWS4-HMAC-SHA256 Credential=local/${now.slice(0, 8)}/local/dynamodb/aws4_request, SignedHeaders=host, Signature=none`,
    };
    const asking = request({ hostname, port, method: 'POST', headers, agent, signal }).end(
      JSON.stringify(body),
    );
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    const text = Buffer.concat((await answer.toArray()) as Buffer[]).toString();
    if (answer.statusCode !== 200) throw new Error(`${operation}: ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  };

  return {
    /** Gets the current stream ARN of a table. Rejects if the table has no stream. */
    async find(TableName: string): Promise<string> {
      const { Streams } = await send('ListStreams', { TableName });
      const newest = (Streams as { StreamArn: string }[]).at(-1);
      if (newest === undefined) throw new Error(`The table ${TableName} has no stream.`);
      return newest.StreamArn;
    },

    async listShards(StreamArn: string): Promise<Shard[]> {
      const shards: Shard[] = [];
      let ExclusiveStartShardId: string | undefined;
      do {
        const { StreamDescription } = await send('DescribeStream', {
          StreamArn,
          ExclusiveStartShardId,
        });
        const { Shards, LastEvaluatedShardId } = StreamDescription as {
          Shards: Shard[];
          LastEvaluatedShardId?: string;
        };
        shards.push(...Shards);
        ExclusiveStartShardId = LastEvaluatedShardId;
      } while (ExclusiveStartShardId !== undefined);
      return shards;
    },

    async iterate(StreamArn: string, ShardId: string, start: Start): Promise<string> {
      const from =
        typeof start === 'string'
          ? { ShardIteratorType: start }
          : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: start.after };
      return (await send('GetShardIterator', { StreamArn, ShardId, ...from }))
        .ShardIterator as string;
    },

    /** Next records and iterator. A missing iterator marks the end of the shard. */
    async read(
      ShardIterator: string,
    ): Promise<{ records: StreamRecord[]; next: string | undefined }> {
      const { Records, NextShardIterator } = await send('GetRecords', {
        ShardIterator,
        Limit: maxRecords,
      });
      return {
        records: Records as StreamRecord[],
        next: (NextShardIterator as string | null | undefined) ?? undefined,
      };
    },
  };
}
