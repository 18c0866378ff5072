/**
 * Checks of DynamoDB requests against `infra/constructs/grants.ts`, like IAM: in every test a
 * function has exactly the rights of its role.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { DeployedFunction } from '../../../infra/build/bundle.ts';
import { type Statement, grants, type Resource } from '../../../infra/constructs/grants.ts';

/** Access of a request to a table or its outbox index. */
export interface TableAccess {
  readonly on: Resource;
  readonly actions: readonly string[];
  readonly partitions: readonly string[];
  /** Attributes that updates and condition checks name. */
  readonly attributes?: readonly string[];
}

type PartitionKey = string | { readonly S: string };
type Item = Readonly<Record<'pk', PartitionKey>>;
interface Write {
  readonly TableName: string;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
}

/** Words of expressions that are not attributes. */
const keywords =
  /^(SET|REMOVE|ADD|DELETE|AND|OR|NOT|IN|BETWEEN|attribute_(not_)?exists|if_not_exists|begins_with)$/;

/** Lists the attributes of an update or a condition check (`dynamodb:Attributes`). */
const listAttributes = ({
  Key = { pk: '' },
  UpdateExpression = '',
  ConditionExpression = '',
  ExpressionAttributeNames = {},
}: Write): string[] =>
  [
    ...Object.keys(Key),
    ...`${UpdateExpression} ${ConditionExpression}`.matchAll(/(?<![:\w])[#A-Za-z]\w*/g),
  ]
    .map(String)
    .filter((name) => !keywords.test(name))
    .map((name) => ExpressionAttributeNames[name] ?? name);

const partition = (item: Item | undefined): string =>
  typeof item?.pk === 'object' ? item.pk.S : (item?.pk ?? '');

/**
 * Reads the access of a request, from its wire format or from the input of the document client. A
 * transaction needs the rights of all its items.
 */
export const readAccess = (
  operation: string,
  input: Record<string, any>,
  isSecrets: (table: string) => boolean,
): TableAccess[] => {
  const onTable = (table: string): Resource =>
    isSecrets(table) ? 'secrets' : input['IndexName'] ? 'outbox' : 'directory';
  const access = (
    table: string,
    actions: readonly string[],
    partitions: readonly string[],
    attributes: readonly string[] = [],
  ): TableAccess => ({
    on: onTable(table),
    actions: [...new Set(actions.map((action) => `dynamodb:${action}`))],
    partitions: [...new Set(partitions)],
    attributes: [...new Set(attributes)],
  });
  if (operation === 'TransactWriteItems') {
    const writes = (input['TransactItems'] as Record<string, Write>[]).flatMap(Object.entries) as [
      string,
      Write,
    ][];
    return [...Map.groupBy(writes, ([, { TableName }]) => TableName)].map(([table, items]) =>
      access(
        table,
        items.map(([kind]) => (kind === 'ConditionCheck' ? 'ConditionCheckItem' : `${kind}Item`)),
        items.map(([, { Key, Item }]) => partition(Key ?? Item)),
        items.flatMap(([, write]) => listAttributes(write)),
      ),
    );
  }
  if (operation === 'BatchGetItem') {
    return Object.entries(input['RequestItems'] as Record<string, { Keys: Item[] }>).map(
      ([table, { Keys }]) => access(table, [operation], Keys.map(partition)),
    );
  }
  if (operation === 'BatchWriteItem') {
    const tables = Object.entries(
      input['RequestItems'] as Record<string, { DeleteRequest?: Write; PutRequest?: Write }[]>,
    );
    return tables.map(([table, requests]) =>
      access(
        table,
        [operation],
        requests.map(({ DeleteRequest, PutRequest }) =>
          partition(DeleteRequest?.Key ?? PutRequest?.Item),
        ),
      ),
    );
  }
  const values = input['ExpressionAttributeValues'] as Record<string, PartitionKey> | undefined;
  const item: Item | undefined = input['Key'] ??
    input['Item'] ?? { pk: values?.[':pk'] ?? values?.[':shard'] ?? '' };
  const attributes = operation === 'UpdateItem' ? listAttributes(input as Write) : [];
  return [access(String(input['TableName']), [operation], [partition(item)], attributes)];
};

const patterns = new Map<string, RegExp>();

/** IAM's `StringLike`. */
export function matchesPattern(text: string, pattern: string): boolean {
  let compiled = patterns.get(pattern);
  if (compiled === undefined) {
    const parts = pattern
      .split(/([*?])/)
      .map((part) => (part === '*' ? '.*' : part === '?' ? '.' : RegExp.escape(part)));
    compiled = new RegExp(`^${parts.join('')}$`, 's');
    patterns.set(pattern, compiled);
  }
  return compiled.test(text);
}

const allows = ({ on, actions, partitions, attributes }: Statement, access: TableAccess): boolean =>
  on === access.on &&
  (attributes === undefined ||
    (access.attributes ?? []).every((each) => attributes.includes(each))) &&
  access.actions.every((action) => actions.includes(action)) &&
  (partitions === undefined ||
    access.partitions.every((each) => partitions.some((pattern) => matchesPattern(each, pattern))));

/**
 * Returns undefined if one statement covers the request, or else the statement to add to
 * `infra/constructs/grants.ts`.
 */
export const findMissingGrant = (
  name: DeployedFunction,
  access: TableAccess,
): string | undefined => {
  if (grants[name].statements.some((allowance) => allows(allowance, access))) return undefined;
  const kinds = access.partitions.map((each) => each.replaceAll(/#[^#]*[^#A-Z][^#]*/g, '#*'));
  return `infra/constructs/grants.ts: ${name} needs one allowance on ${access.on} with ${access.actions.join(', ')} for ${kinds.join(', ')}`;
};

const running = new AsyncLocalStorage<DeployedFunction>();
const denied: string[] = [];

/** Runs a function with the rights of its role. */
export const withGrants = <Result>(name: DeployedFunction, run: () => Result): Result =>
  running.run(name, run);

/** Throws if a request of a function was denied. */
export const assertGranted = (): void => {
  if (denied.length > 0) throw new Error(denied.splice(0).join('\n'));
};

/**
 * Throws `AccessDeniedException`, as DynamoDB would, if the running function lacks a right that the
 * request needs.
 */
export function assertMayRequest(operation: string, input: object): void {
  const name = running.getStore();
  if (name === undefined) return;
  const isSecrets = (table: string) => table.endsWith('-secrets');
  const accesses = readAccess(operation, input as Record<string, unknown>, isSecrets);
  const missing = accesses.flatMap((access) => findMissingGrant(name, access) ?? []);
  if (missing.length === 0) return;
  denied.push(...missing);
  throw Object.assign(new Error(missing.join('\n')), { name: 'AccessDeniedException' });
}
