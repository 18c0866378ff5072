/**
 * DynamoDB clients in tests. Importing this module makes each of them check requests against
 * `infra/grants.ts`, record writes, and skip the middleware of the SDK, which takes longer than a
 * request to the embedded database.
 */
import * as sdk from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { inject } from 'vitest';
import { createConnections } from './connections.ts';
import { assertMayRequest } from './granted.ts';

const operations: Readonly<Record<string, string>> = {
  GetCommand: 'GetItem',
  PutCommand: 'PutItem',
  UpdateCommand: 'UpdateItem',
  DeleteCommand: 'DeleteItem',
  QueryCommand: 'Query',
  ScanCommand: 'Scan',
  BatchGetCommand: 'BatchGetItem',
  BatchWriteCommand: 'BatchWriteItem',
  TransactWriteCommand: 'TransactWriteItems',
};

const { prototype: parent } = Object.getPrototypeOf(DynamoDBDocumentClient) as {
  prototype: { send: Function };
};

type Next = (args: { readonly request: { readonly headers: object } }) => unknown;
interface Command {
  readonly input: object;
  readonly middlewareStack: { add(middleware: unknown, options: { step: 'build' }): void };
}

DynamoDBDocumentClient.prototype.send = async function (
  this: DynamoDBDocumentClient,
  command: Command,
  ...options: readonly { readonly abortSignal?: AbortSignal }[]
) {
  const operation = operations[command.constructor.name] ?? '';
  assertMayRequest(operation, command.input);
  const direct = await getDirectClient(this);
  return recordWrites(operation, command.input, () => {
    const faultId = direct?.proxy?.planFault(operation, command.input);
    if (direct && faultId === undefined && !options[0]?.abortSignal?.aborted)
      return direct.send(operation, command.input);
    if (faultId !== undefined) addHeader(command, faultHeader, faultId);
    return parent.send.call(this, command, ...options);
  });
} as never;

/** Header with the ID of the fault that the proxy applies to a request. */
export const faultHeader = 'x-fault';

function addHeader({ middlewareStack }: Command, name: string, value: string): void {
  const middleware = (next: Next) => (args: Parameters<Next>[0]) => {
    Object.assign(args.request.headers, { [name]: value });
    return next(args);
  };
  middlewareStack.add(middleware, { step: 'build' });
}

/** Keys of the items that were written, by table, in order. */
const writes = new Map<string, string[]>();

/**
 * Keys (`pk sk`) of the items written in a table so far, or possibly written if a response was
 * lost.
 */
export function listWrites(table: string): string[] {
  const keys = writes.get(table) ?? [];
  writes.set(table, keys);
  return keys;
}

interface Item {
  readonly pk: string;
  readonly sk: string;
}
interface Write {
  readonly TableName: string;
  readonly Item?: Item;
  readonly Key?: Item;
}

const refusals = [
  'ConditionalCheckFailedException',
  'TransactionCanceledException',
  'ValidationException',
];

async function recordWrites<Output>(
  operation: string,
  input: object,
  perform: () => Promise<Output>,
): Promise<Output> {
  const items = readWrites(operation, input);
  const keys = items.map(({ Item, Key = Item }) => `${Key?.pk} ${Key?.sk}`);
  for (const [index, { TableName }] of items.entries())
    listWrites(TableName).push(keys[index] ?? '');
  try {
    return await perform();
  } catch (error) {
    if (!refusals.includes((error as Error).name)) throw error;
    for (const [index, { TableName }] of items.entries()) {
      const written = listWrites(TableName);
      written.splice(written.lastIndexOf(keys[index] ?? ''), 1);
    }
    throw error;
  }
}

function readWrites(operation: string, input: object): readonly Write[] {
  switch (operation) {
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem':
      return [input as Write];
    case 'TransactWriteItems': {
      const { TransactItems } = input as { TransactItems: readonly Record<string, Write>[] };
      return TransactItems.flatMap((item) => ('ConditionCheck' in item ? [] : Object.values(item)));
    }
    case 'BatchWriteItem': {
      const { RequestItems } = input as {
        RequestItems: Record<string, readonly Record<string, Omit<Write, 'TableName'>>[]>;
      };
      return Object.entries(RequestItems).flatMap(([TableName, requests]) =>
        requests.flatMap((each) => Object.values(each).map((write) => ({ TableName, ...write }))),
      );
    }
    default:
      return [];
  }
}

/** A fault proxy between the SDK and the embedded database. */
interface Proxy {
  /** Returns the ID of the fault of a request. Undefined before the first fault of the plan. */
  readonly planFault: (operation: string, input: object) => string | undefined;
  /** Records a request. The returned function records the capacity units of its response. */
  readonly record: (operation: string, body: string) => (units: number) => void;
}

const proxies = new Map<string, Proxy>();
/** Has clients of a proxy use it only from the first request with a fault. */
export const registerProxy = (host: string, proxy: Proxy): void => void proxies.set(host, proxy);

const database = new URL(inject('databaseEndpoint'));

type Send = (operation: string, input: object) => Promise<object>;

interface DirectClient {
  readonly proxy: Proxy | undefined;
  readonly send: Send;
}

const directClients = new WeakMap<DynamoDBDocumentClient, Promise<DirectClient | undefined>>();

/** Returns a client that skips the SDK. Undefined if another server is in use. */
function getDirectClient(client: DynamoDBDocumentClient): Promise<DirectClient | undefined> {
  const created = directClients.get(client) ?? createDirectClient(client);
  directClients.set(client, created);
  return created;
}

/** Middleware of the SDK. `identify` omits the last one, whose neighbor each command adds. */
const sdkMiddleware = [
  ...new sdk.DynamoDBClient().middlewareStack
    .identify()
    .map((description) => description.split(' ', 1)[0] ?? ''),
  'httpAuthSchemeMiddleware',
];

async function createDirectClient(
  client: DynamoDBDocumentClient,
): Promise<DirectClient | undefined> {
  const { hostname, port } = (await client.config.endpoint?.()) ?? {};
  const host = `${hostname}:${port}`;
  const proxy = proxies.get(host);
  if (host !== database.host && proxy === undefined) return undefined;
  const ownMiddleware = client.middlewareStack.clone();
  for (const name of sdkMiddleware) ownMiddleware.remove(name);
  const send: Send = async (operation, input) => {
    const perform = async (args: { readonly input: object }) => {
      const body = JSON.stringify(marshallInput(args.input), encodeBinary);
      const recordUnits = proxy?.record(operation, body);
      const output = await sendRequest(operation, body);
      recordUnits?.(sumUnits(output));
      return { response: undefined, output: output as sdk.ServiceOutputTypes };
    };
    const handle = ownMiddleware.resolve(perform, {});
    return (await handle({ input })).output;
  };
  return { proxy, send };
}

const itemFields = ['Item', 'Key', 'ExpressionAttributeValues', 'ExclusiveStartKey'];

/** Encodes binary values, which JSON cannot represent. */
function encodeBinary(this: unknown, name: string, value: unknown): unknown {
  const original = (this as Readonly<Record<string, unknown>>)[name];
  return original instanceof Uint8Array ? Buffer.from(original).toString('base64') : value;
}

/** Names of attribute types are the only names with text. */
const decodeBinary = (name: string, value: unknown): unknown =>
  name === 'B' && typeof value === 'string' ? Buffer.from(value, 'base64') : value;

/** Converts the input of a document client to that of a plain one. */
export function marshallInput(value: unknown, field = ''): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (itemFields.includes(field)) return marshall(value, { removeUndefinedValues: true });
  if (Array.isArray(value))
    return value.map((each) => (field === 'Keys' ? marshall(each) : marshallInput(each)));
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, marshallInput(each, name)]),
  );
}

interface CapacityOutput {
  readonly ConsumedCapacity?: sdk.ConsumedCapacity | readonly sdk.ConsumedCapacity[];
}

const sumUnits = ({ ConsumedCapacity = [] }: CapacityOutput): number =>
  [ConsumedCapacity].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);

const fixedHeaders = {
  'content-type': 'application/x-amz-json-1.0',
  // The database requires a signature but does not verify it.
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=none',
  'x-amz-date': '20260101T000000Z',
};
const post = createConnections(database, fixedHeaders);

/**
 * Sends one request to the embedded database, and returns the items of the response as plain
 * objects.
 */
export async function sendRequest(operation: string, requestBody: string): Promise<object> {
  const target = { 'x-amz-target': `DynamoDB_20120810.${operation}` };
  const { status, text } = await post(target, requestBody);
  // Each operation has its own shape.
  const body: any = JSON.parse(text, text.includes('{"B":"') ? decodeBinary : undefined);
  if (status !== 200) throw toException(status, body);
  const { Item, Items, Attributes, LastEvaluatedKey, Responses } = body;
  return {
    ...body,
    ...(Item && { Item: unmarshall(Item) }),
    ...(Items && { Items: Items.map((each: Marshalled) => unmarshall(each)) }),
    ...(Attributes && { Attributes: unmarshall(Attributes) }),
    ...(LastEvaluatedKey && { LastEvaluatedKey: unmarshall(LastEvaluatedKey) }),
    ...(Responses && { Responses: unmarshallTables(Responses) }),
    $metadata: { httpStatusCode: status },
  };
}

type Marshalled = Record<string, sdk.AttributeValue>;

const unmarshallTables = (responses: Record<string, Marshalled[]>) =>
  Object.fromEntries(
    Object.entries(responses).map(([table, items]) => [
      table,
      items.map((each) => unmarshall(each)),
    ]),
  );

/** The exception class that the SDK would choose. */
function toException(httpStatusCode: number, body: any): Error {
  const name = String(body['__type']).replace(/^.*#/, '');
  const options = {
    ...body,
    name,
    message: body.message ?? body.Message,
    $fault: 'client',
    $metadata: { httpStatusCode },
  };
  const Exception = (Reflect.get(sdk, name) ?? sdk.DynamoDBServiceException) as new (
    given: object,
  ) => Error;
  return new Exception(options);
}
