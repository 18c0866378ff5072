/**
 * Wire vectors: requests and responses as JSON that users can read and send. Placeholders are in
 * braces: `{{unique}}` is new for each vector, `{{x*64}}` repeats text, `{{each}}` iterates over
 * `each`, `{{given.userId}}` comes from responses to the requests in `given`, and `{{given.token}}`
 * from the link in a response. A key `...` spreads its value. In responses `{{time}}`, `{{text}}`
 * and others are patterns.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Persona, Stage } from './stage.ts';
import type { TestResponse } from '../service.ts';

export interface VectorRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly host?: string;
  /** Objects are sent as JSON, strings unchanged. */
  readonly body?: unknown;
  readonly as?: Persona | 'nobody';
}

export interface Vector {
  readonly title: string;
  readonly each?: readonly unknown[];
  /** Requests that are sent first, by default by the caller of `request`. */
  readonly given?: VectorRequest | readonly VectorRequest[];
  readonly request: VectorRequest;
  /** `body` is the complete response body, `contains` a part. */
  readonly answer: VectorAnswer;
}

export interface VectorAnswer {
  readonly status: number;
  readonly headers?: object;
  readonly body?: unknown;
  readonly contains?: object;
}

/** Vector with one value of its `each`. */
export interface Case extends Vector {
  readonly value?: unknown;
}

/** Vectors of a file in `test/vectors/`. Each value of `each` is a case. */
export const readVectors = (file: string): Case[] => {
  const vectors = JSON.parse(
    readFileSync(new URL(`../../vectors/${file}.json`, import.meta.url), 'utf8'),
  ) as Vector[];
  return vectors.flatMap((vector): Case[] =>
    vector.each === undefined
      ? [vector]
      : vector.each.map((value) => ({
          ...vector,
          value,
          title: `${vector.title}: ${JSON.stringify(value).slice(0, 80)}`,
        })),
  );
};

/** Patterns for response values that vary. `time` is the pattern that Cradl documents. */
const patterns: Readonly<Record<string, RegExp>> = {
  time: /^[0-9]{4}-?[0-9]{2}-?[0-9]{2}( |T)?[0-9]{2}:?[0-9]{2}:?[0-9]{2}(.[0-9]{1,6})?(Z|[+][0-9]{2}(:|)[0-9]{2})$/,
  /** Current time. Times in vectors are in the last century. */
  now: /^20[2-9][0-9]-/,
  invitationId: /^(cradl|las):invitation:[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/,
  /** Format, tenant, user, version and MAC. */
  link: /^https?:\/\/\S+#token=[\w-]{92}&locale=(en|de|fr|es)$/,
  appClientId: /^(cradl|las):app-client:[0-9a-f]{32}$/,
  clientId: /^[0-9a-f]{32}$/,
  clientSecret: /^roster_[0-9a-f]{32}_[\w-]{43}$/,
  userId: /^(cradl|las):user:[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/,
  roleId: /^(cradl|las):role:[0-9a-f]{32}$/,
  profileId: /^(cradl|las):profile:[a-f0-9]{32}$/,
  location: /^\/v1\/users\/(cradl|las):user:[0-9a-f]{32}$/,
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  requestId: /^[\w=+/-]{8,}$/,
  text: /\S/,
};

export type Values = Readonly<Record<string, unknown>>;

/** Requirement of a vector that this stage does not meet. */
export function findSkipReason(
  { given, request }: Vector,
  { tokens, tenantHost }: Stage,
): string | undefined {
  const requests = [given ?? [], request].flat();
  const text = JSON.stringify(requests);
  if (tenantHost === undefined && text.includes('{{tenantHost}}'))
    return 'no host names the tenant';
  const absent = requests
    .map(getPersona)
    .find((persona) => persona !== 'nobody' && tokens[persona] === undefined);
  return absent && `there is no token for ${absent}`;
}

/** Sends the request of a vector and asserts its response. */
export async function assertVector(
  { given, request, answer, value }: Case,
  stage: Stage,
): Promise<void> {
  const values: Record<string, unknown> = {
    unique: randomBytes(6).toString('hex'),
    tenantId: stage.tenantId,
    TENANT_ID: stage.tenantId.toUpperCase(),
    tenantHost: stage.tenantHost,
  };
  values['each'] = filled(value, values);
  if (Array.isArray(values['each']))
    for (const [index, item] of values['each'].entries()) values[`each.${index}`] = item;
  for (const each of [given ?? []].flat()) {
    const first = await send(each, values, stage);
    expect(first, 'what was given').toMatchObject({ status: expect.toBeOneOf([200, 201]) });
    for (const [name, field] of Object.entries(first.body as object))
      values[`given.${name}`] = field;
    const [, token] = /#token=([\w-]+)/.exec(first.body.link) ?? [];
    if (token) values['given.token'] = token;
  }
  values['subject'] = getSubject(stage.tokens[getPersona(request) as Persona]);
  assertAnswer(await send(request, values, stage), answer, values);
}

/** Asserts a response. The label precedes the message of a failure. */
export function assertAnswer(
  answered: TestResponse,
  answer: VectorAnswer,
  values: Values,
  label?: string,
): void {
  const headers = filled(answer.headers ?? {}, values, patterns);
  expect(answered, label).toMatchObject({
    status: answer.status,
    headers,
    ...(answer.contains && { body: filled(answer.contains, values, patterns) }),
  });
  if (answer.body !== undefined)
    expect(answered.body, label).toEqual(filled(answer.body, values, patterns));
}

const getPersona = (request: VectorRequest | undefined): Persona | 'nobody' =>
  request?.as ?? 'admin';

/** Sends a request with its placeholders filled in. */
export function send(
  request: VectorRequest,
  values: Values,
  { send, tokens }: Stage,
): Promise<TestResponse> {
  const { method, path, headers, host, body } = filled(request, values);
  const persona = getPersona(request);
  return send(method, path, {
    token: persona === 'nobody' ? undefined : tokens[persona],
    headers,
    body,
    ...(host && { host }),
  });
}

const getSubject = (token = ''): unknown =>
  token &&
  (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sub: string })
    .sub;

/** Fills in placeholders. A string that is one placeholder can become any value. */
function filled<Value>(value: Value, values: Values, matchers: typeof patterns = {}): Value {
  const fill = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(fill);
    if (typeof part === 'object' && part !== null)
      return Object.fromEntries(
        Object.entries(part).flatMap(([name, member]) =>
          name === '...'
            ? Object.entries(fill(member) as object)
            : [[fillText(name), fill(member)]],
        ),
      );
    if (typeof part !== 'string') return part;
    const [, name = ''] = /^\{\{([\w.]+)\}\}$/.exec(part) ?? [];
    if (name in values) return values[name];
    return matchers[name] ? expect.stringMatching(matchers[name]) : fillText(part);
  };
  const fillText = (text: string): string =>
    text
      .replaceAll(/\{\{([^{}]+)\*(\d+)\}\}/g, (_, piece: string, times) =>
        piece.repeat(Number(times)),
      )
      .replaceAll(/\{\{([\w.]+)\}\}/g, (whole, name: string) => {
        if (!(name in values)) throw new Error(`${whole} is not known here`);
        return String(values[name]);
      });
  return fill(value) as Value;
}
