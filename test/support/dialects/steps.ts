/**
 * Sequences of a client: requests that depend on each other, as JSON with the placeholders of
 * vectors. `{{created.createdAt}}` comes from the response to an earlier step named `created`.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Stage } from './stage.ts';
import {
  assertAnswer,
  send,
  type Values,
  type VectorAnswer,
  type VectorRequest,
} from './vectors.ts';

interface Step {
  /** Command of the client, for messages of failures. */
  readonly step: string;
  readonly request: VectorRequest;
  readonly answer: VectorAnswer;
  /** Later steps read the fields of the response under this name. */
  readonly name?: string;
}

interface Sequence {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** Sequences of a file in `test/vectors/`. */
export const readSequences = (file: string): Sequence[] =>
  JSON.parse(readFileSync(new URL(`../../vectors/${file}.json`, import.meta.url), 'utf8'));

/**
 * Sends the requests in order and asserts each response. Steps without a persona have the headers
 * of the client.
 */
export async function assertSequence(
  { steps }: Sequence,
  { values: given, headers }: { values: Values; headers: VectorRequest['headers'] },
  stage: Stage,
): Promise<void> {
  const values: Record<string, unknown> = { ...given, unique: randomBytes(6).toString('hex') };
  for (const [index, { step, request, answer, name }] of steps.entries()) {
    const caller = request.as === undefined && { as: 'nobody' as const, headers };
    const response = await send({ ...request, ...caller }, values, stage);
    const label = `step ${index + 1}, ${step}: ${request.method} ${request.path}`;
    assertAnswer(response, answer, values, label);
    for (const [field, value] of Object.entries(response.body ?? {}))
      if (name !== undefined) values[`${name}.${field}`] = value;
  }
}
