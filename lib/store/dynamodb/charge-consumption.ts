import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { addConsumption } from '../../domain/tenants/consumption.ts';

interface ConsumedCapacity {
  readonly CapacityUnits?: number;
}

interface Output {
  readonly ConsumedCapacity?: ConsumedCapacity | readonly ConsumedCapacity[];
}

/** Charges the capacity units of each request to the HTTP request that it serves. */
export function chargeConsumption({
  middlewareStack,
}: Pick<DynamoDBClient, 'middlewareStack'>): void {
  middlewareStack.add(
    (next) => async (args) => {
      const input = { ...args.input, ReturnConsumedCapacity: 'TOTAL' } as typeof args.input;
      try {
        const result = await next({ ...args, input });
        const { ConsumedCapacity = [] } = result.output as Output;
        addConsumption(
          [ConsumedCapacity]
            .flat()
            .reduce((units, { CapacityUnits = 0 }) => units + CapacityUnits, 0),
        );
        return result;
      } catch (error) {
        addConsumption(countFailedConditionUnits(input, error));
        throw error;
      }
    },
    { step: 'initialize', priority: 'low', name: 'chargeConsumption' },
  );
}

/** A failed condition consumes as much as a small write, but its response does not report it. */
function countFailedConditionUnits(input: object, error: unknown): number {
  const { name } = error as { name?: string };
  if (name === 'TransactionCanceledException')
    return 2 * ((input as { TransactItems?: readonly unknown[] }).TransactItems?.length ?? 0);
  return name === 'ConditionalCheckFailedException' ? 1 : 0;
}
