/** CPU time of verifying imported hashes at the corners of what is accepted. */
import { isAffordable } from '../../../lib/domain/credentials/hash-cost.ts';
import { parsePasswordHash } from '../../../lib/domain/credentials/password-hash.ts';
import { verifyPassword } from '../../../lib/domain/credentials/verify-password.ts';
import { median } from '../support/statistics.ts';

export interface HashCost {
  readonly parameters: string;
  /** Median CPU time in seconds. */
  readonly processorSeconds: number;
  readonly seconds: number;
}

const salted = '$ABEiM0RVZneImQCqu8zd7g$Wi1pbHHp59G5Rb1AsbBOjdUUTID+0+wOYGiMMHeav68';
const corners = [
  '$argon2id$v=19$m=131072,t=2,p=1',
  '$argon2id$v=19$m=131072,t=2,p=16',
  '$argon2id$v=19$m=65536,t=4,p=4',
  '$argon2id$v=19$m=8,t=37500,p=1',
  '$argon2id$v=19$m=16,t=568,p=2',
  '$argon2id$v=19$m=128,t=71,p=16',
  '$scrypt$ln=17,r=8,p=1',
  '$scrypt$ln=14,r=8,p=8',
  '$scrypt$ln=13,r=128,p=1',
  '$scrypt$ln=1,r=13120,p=16',
  '$pbkdf2-sha1$i=1500000',
  '$pbkdf2-sha256$i=1500000',
  '$pbkdf2-sha512$i=1500000',
].map((parameters) => ({ parameters, hash: parameters + salted }));
const others = [
  {
    parameters: '$2b$13',
    hash: '$2b$13$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
  },
  { parameters: '$P$E (phpass)', hash: '$P$E12345678abcdefghijklmnopqrstuv' },
];

/** Verifies a wrong password against each corner. Throws if a corner is no longer accepted. */
export async function measureHashes({
  rounds,
  log,
}: {
  rounds: number;
  log: (line: string) => void;
}): Promise<HashCost[]> {
  const costs: HashCost[] = [];
  for (const { parameters, hash } of [...corners, ...others]) {
    const parsed = parsePasswordHash(hash);
    if (!parsed || !isAffordable(parsed)) throw new Error(`${parameters} is not accepted`);
    const runs: { processorSeconds: number; seconds: number }[] = [];
    for (let round = 0; round < rounds; round++) {
      const [began, processor] = [performance.now(), process.cpuUsage()];
      await verifyPassword('not the one at all', hash);
      const { user, system } = process.cpuUsage(processor);
      runs.push({
        processorSeconds: (user + system) / 1e6,
        seconds: (performance.now() - began) / 1000,
      });
    }
    costs.push({
      parameters,
      processorSeconds: median(runs.map(({ processorSeconds }) => processorSeconds)),
      seconds: median(runs.map(({ seconds }) => seconds)),
    });
  }
  log(
    `imported hashes: ${Math.max(...costs.map(({ processorSeconds }) => processorSeconds)).toFixed(2)} s of CPU at most`,
  );
  return costs;
}
