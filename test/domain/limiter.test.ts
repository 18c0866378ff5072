import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLimiter } from '../../lib/domain/kernel/limiter.ts';
import { hashLimiter, hashPassword } from '../../lib/domain/credentials/hash-password.ts';
import { verifyPassword } from '../../lib/domain/credentials/verify-password.ts';

describe('a limiter', () => {
  it('runs a fixed number of tasks at a time, in order, also after a failure', async () => {
    const gate = createLimiter(2, 10);
    let running = 0;
    let most = 0;
    const started: number[] = [];
    const works = Array.from({ length: 9 }, (_, index) =>
      gate(async () => {
        started.push(index);
        most = Math.max(most, ++running);
        await sleep(2);
        running--;
        if (index % 3 === 0) throw new Error('failed');
        return index;
      }),
    );
    const results = await Promise.allSettled(works);
    expect([most, running, started]).toEqual([2, 0, [0, 1, 2, 3, 4, 5, 6, 7, 8]]);
    expect(results.map(({ status }) => status === 'rejected')).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 8].map((index) => index % 3 === 0),
    );
  });

  it('rejects tasks beyond its queue and accepts the next once there is room', async () => {
    const gate = createLimiter(1, 1);
    const work = () => sleep(2);
    const first = gate(work);
    const second = gate(work);
    await expect(gate(work)).rejects.toMatchObject({ code: 'unavailable' });
    await Promise.all([first, second]);
    await gate(work);
  });
});

describe('hashing', () => {
  it('never runs more hashes and verifications than cores', async () => {
    let released = (): void => {};
    const blocker = new Promise<void>((resolve) => (released = resolve));
    const holding = Array.from({ length: availableParallelism() }, () =>
      hashLimiter(() => blocker),
    );
    const done: string[] = [];
    const cost = { memory: 8, passes: 1, parallelism: 1 };
    const works = [
      hashPassword('some password', cost).then(() => done.push('made')),
      verifyPassword('U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW').then(
        () => done.push('verified'),
      ),
    ];
    await sleep(50);
    expect(done).toEqual([]);
    released();
    await Promise.all([...holding, ...works]);
    expect(done.toSorted()).toEqual(['made', 'verified']);
  });
});
