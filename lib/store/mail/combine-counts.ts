/** Adds an amount to a counter. False, without a change, if the counter would exceed its limit. */
type Count = (amount: number) => Promise<boolean>;

type Waiting = PromiseWithResolvers<boolean>;

/**
 * Combines concurrent increments of a counter. Those that arrive during a request are sent together
 * in the next one. A failed request fails all of its increments.
 */
export function createCountCombiner(): (name: string, count: Count) => Promise<boolean> {
  const queues = new Map<string, Waiting[]>();

  const run = async (name: string, queue: Waiting[], count: Count): Promise<void> => {
    while (queue.length > 0) await settle(queue.splice(0), count);
    queues.delete(name);
  };

  return (name, count) => {
    const waiting = Promise.withResolvers<boolean>();
    const queue = queues.get(name);
    if (queue) queue.push(waiting);
    else {
      const newQueue = [waiting];
      queues.set(name, newQueue);
      void run(name, newQueue, count);
    }
    return waiting.promise;
  };
}

/** Counts a group at once or, if that would exceed the limit, one by one. */
async function settle(group: readonly Waiting[], count: Count): Promise<void> {
  try {
    let isAllowed = await count(group.length);
    const isSplit = !isAllowed && group.length > 1;
    if (isSplit) isAllowed = true;
    for (const { resolve } of group) {
      if (isSplit) isAllowed &&= await count(1);
      resolve(isAllowed);
    }
  } catch (error) {
    // Has no effect on resolved promises.
    for (const { reject } of group) reject(error);
  }
}
