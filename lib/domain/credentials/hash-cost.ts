import { passwordRejected } from '../kernel/failure.ts';
import { type PasswordHash, parsePasswordHash } from './password-hash.ts';

// Each kind at its limit takes 0.2 to 0.45 s of CPU on one core of a 2024 server, measured by `npm run bench`, so less than 1 s on one vCPU
// of Lambda. The limits leave room for what libraries and OWASP begin with: PHP's Argon2id has 64 MiB and 4 passes, OWASP's scrypt N = 2^17.
const maxLanes = 16;
/** KiB. */
const maxArgon2Memory = 128 * 1024;
const maxArgon2Work = 300_000;
/** Each pass of each lane takes four threads to start and join, if there are several lanes: as long as this many KiB take. */
const laneWork = 256;
const maxScryptWork = 2 ** 20 + 2 ** 10;
/** Each block is expanded and compressed once by PBKDF2, which takes as long as this many rounds. */
const blockWork = 3;
const maxPbkdf2Rounds = 1_500_000;
const maxBcryptLogRounds = 13;

/** Share of the allowed CPU time that verifying a password against a hash takes. */
export function getCost(hash: PasswordHash): number {
  if (hash.kind === 'argon2id') {
    const { memory, passes, parallelism } = hash;
    return (passes * (memory + (parallelism > 1 ? laneWork * parallelism : 0))) / maxArgon2Work;
  }
  if (hash.kind === 'scrypt')
    return (hash.blocks * hash.parallelism * (hash.rounds + blockWork)) / maxScryptWork;
  // Of a longer tag only the first block is computed.
  if (hash.kind === 'pbkdf2') return hash.rounds / maxPbkdf2Rounds;
  return 2 ** (hash.logRounds - maxBcryptLogRounds);
}

/** True if verifying takes at most 1 s of CPU, and memory and threads that a function has. */
export function isAffordable(hash: PasswordHash): boolean {
  const lanes = hash.kind === 'argon2id' || hash.kind === 'scrypt' ? hash.parallelism : 1;
  const memory = hash.kind === 'argon2id' ? hash.memory : 0;
  return lanes <= maxLanes && memory <= maxArgon2Memory && getCost(hash) <= 1;
}

const limits = {
  argon2id: `m of at most ${maxArgon2Memory}, p of at most ${maxLanes}, and t × (m + ${laneWork}p) of at most ${maxArgon2Work}`,
  scrypt: `p of at most ${maxLanes}, and r × p × (2^ln + ${blockWork}) of at most ${maxScryptWork}`,
  pbkdf2: `at most ${maxPbkdf2Rounds} rounds`,
  bcrypt: `a cost of at most ${maxBcryptLogRounds}`,
} as const;

/** Throws `password_rejected` (422, reason `too_costly`) for a hash that takes too long to verify. Computes no hash. */
export function assertAffordableHash(text: string, field: string): void {
  const hash = parsePasswordHash(text);
  if (hash && isAffordable(hash)) return;
  const allowed = hash ? `. Allowed for ${hash.kind}: ${limits[hash.kind]}` : '';
  throw passwordRejected(field, 'too_costly', `must take less time or memory to verify${allowed}`);
}
