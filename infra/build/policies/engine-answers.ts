import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { createEngine, formatOutcome } from './engine.ts';
import { createRequestSpace } from './request-space.ts';
import type { PolicySchema } from './schema.ts';
import type { ParsedPolicy } from './sources.ts';

/** Outcomes of the engine for all requests of the request space. */
interface EngineAnswers {
  /** Hash of policies, schema and request space. */
  readonly hash: string;
  readonly actions: Readonly<Record<string, EncodedOutcomes>>;
}

interface EncodedOutcomes {
  /** Results of `formatOutcome`. */
  readonly outcomes: readonly string[];
  /** Index in `outcomes` of each request: a byte each, raw deflate, base64. */
  readonly indexes: string;
}

export const engineAnswersFile = join(import.meta.dirname, 'engine-answers.json');

export const readEngineAnswers = (): EngineAnswers =>
  JSON.parse(readFileSync(engineAnswersFile, 'utf8')) as EngineAnswers;

/** Hashes everything on which the engine's answers depend. */
export const hashSources = (policies: readonly ParsedPolicy[], schema: PolicySchema): string =>
  createHash('sha256')
    .update(JSON.stringify([policies, schema]))
    .update(readFileSync(join(import.meta.dirname, 'request-space.ts')))
    .digest('hex');

/** Decides all requests of the request space with the engine: 10 s of CPU. */
export function collectEngineAnswers(
  policies: readonly ParsedPolicy[],
  schema: PolicySchema,
): EngineAnswers {
  const decide = createEngine(policies, schema);
  const encode = (action: string): EncodedOutcomes => {
    const space = createRequestSpace(action, policies, schema);
    const indexes = new Uint8Array(space.size);
    const outcomes = new Map<string, number>();
    for (let index = 0; index < space.size; index++) {
      const outcome = formatOutcome(decide(space.get(index)));
      if (!outcomes.has(outcome)) outcomes.set(outcome, outcomes.size);
      indexes[index] = outcomes.get(outcome) ?? 0;
    }
    if (outcomes.size > 256) throw new Error(`${action} has more than 256 outcomes`);
    return {
      outcomes: [...outcomes.keys()],
      indexes: deflateRawSync(indexes, { level: 9 }).toString('base64'),
    };
  };
  return {
    hash: hashSources(policies, schema),
    actions: Object.fromEntries(
      Object.keys(schema.contexts).map((action) => [action, encode(action)]),
    ),
  };
}

/** Decodes the outcomes of all requests, in order. */
export const decodeOutcomes = ({ outcomes, indexes }: EncodedOutcomes): string[] =>
  [...inflateRawSync(Buffer.from(indexes, 'base64'))].map((index) => outcomes[index] ?? '');
