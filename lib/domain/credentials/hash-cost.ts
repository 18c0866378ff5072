import type { PasswordHash } from './password-hash.ts';

// At its limit, each kind takes 0.2 to 0.45 s of CPU on one core of a 2024 server (`npm run
// bench`), so less than 1 s on one vCPU of Lambda. The limits include common defaults: PHP's
// Argon2id has 64 MiB and 4 passes, OWASP's scrypt N = 2^17.
const maxLanes = 16;
/** KiB. */
const maxArgon2Memory = 128 * 1024;
const maxArgon2Work = 300_000;
/** Cost in KiB to start and join the four threads per pass and lane. Single lanes have none. */
const laneWork = 256;
const maxScryptWork = 2 ** 20 + 2 ** 10;
/** Cost in rounds to expand and compress a block by PBKDF2. */
const blockWork = 3;
const maxPbkdf2Rounds = 1_500_000;
const maxBcryptLogRounds = 13;
/** Each round hashes the whole password: 0.45 s for one of 4 kB. */
const maxPhpassLogRounds = 16;

/** Returns the share of the allowed CPU time that verifying a hash takes. */
export function getCost(hash: PasswordHash): number {
  if (hash.kind === 'argon2id') {
    const { memory, passes, parallelism } = hash;
    return (passes * (memory + (parallelism > 1 ? laneWork * parallelism : 0))) / maxArgon2Work;
  }
  if (hash.kind === 'scrypt' || hash.kind === 'scrypt-firebase')
    return (hash.blocks * hash.parallelism * (hash.rounds + blockWork)) / maxScryptWork;
  // Only the first block of a tag is computed.
  if (hash.kind === 'pbkdf2') return hash.rounds / maxPbkdf2Rounds;
  if (hash.kind === 'bcrypt') return 2 ** (hash.logRounds - maxBcryptLogRounds);
  return hash.kind === 'phpass' ? 2 ** (hash.logRounds - maxPhpassLogRounds) : 0;
}

/** True if a function has the CPU time, memory and threads to verify a hash. */
export function isAffordable(hash: PasswordHash): boolean {
  const lanes = 'parallelism' in hash ? hash.parallelism : 1;
  const memory = hash.kind === 'argon2id' ? hash.memory : 0;
  return lanes <= maxLanes && memory <= maxArgon2Memory && getCost(hash) <= 1;
}

const scryptLimit = `p of at most ${maxLanes}, and r × p × (2^ln + ${blockWork}) of at most ${maxScryptWork}`;
const limits: Readonly<Record<Exclude<PasswordHash['kind'], 'salted-sha'>, string>> = {
  argon2id: `m of at most ${maxArgon2Memory}, p of at most ${maxLanes}, and t × (m + ${laneWork}p) of at most ${maxArgon2Work}`,
  scrypt: scryptLimit,
  'scrypt-firebase': scryptLimit,
  pbkdf2: `at most ${maxPbkdf2Rounds} rounds`,
  bcrypt: `a cost of at most ${maxBcryptLogRounds}`,
  phpass: `at most 2^${maxPhpassLogRounds} rounds`,
};

/** Describes the excessive cost of a hash that takes too long to verify. Computes no hash. */
export function findExcessiveCost(hash: PasswordHash): string | undefined {
  if (hash.kind === 'salted-sha' || isAffordable(hash)) return undefined;
  return `must take less time or memory to verify. Allowed for ${hash.kind}: ${limits[hash.kind]}`;
}
