import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type PolicyJson,
  policySetTextToParts,
  policyToJson,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs';

/** Folder of the `.cedar` files, the schema and the compiled modules. */
export const policyFolder = join(import.meta.dirname, '../../../lib/domain/access/policies');

/** Policy of a `.cedar` file. */
export interface ParsedPolicy {
  readonly id: string;
  readonly notice: string;
  /** Cedar's JSON format. */
  readonly json: PolicyJson;
}

export const readSchema = (): string =>
  readFileSync(join(policyFolder, 'schema.cedarschema'), 'utf8');

/** Parses all `.cedar` files. Throws like `parsePolicies`. */
export const readPolicies = (): ParsedPolicy[] =>
  parsePolicies(
    readdirSync(policyFolder)
      .filter((name) => name.endsWith('.cedar'))
      .toSorted()
      .map((name) => readFileSync(join(policyFolder, name), 'utf8'))
      .join('\n'),
  );

/**
 * Parses policies, in the order of the text. Throws for syntax errors and templates, and unless
 * each policy has a unique `@id`, a `@notice` and no other annotation.
 */
export function parsePolicies(text: string): ParsedPolicy[] {
  const parts = policySetTextToParts(text);
  if (parts.type === 'failure') throw new Error(formatMessages(parts.errors));
  const [template] = parts.policy_templates;
  if (template !== undefined) throw new Error(`Templates are not supported:\n${template}`);
  // The engine sorts by internal IDs (`policy0`, `policy1`, `policy10`).
  const policies = parts.policies
    .toSorted((a, b) => text.indexOf(a) - text.indexOf(b))
    .map(parsePolicy);
  const ids = policies.map(({ id }) => id);
  const duplicate = ids.find((id, index) => ids.indexOf(id) !== index);
  if (duplicate !== undefined) throw new Error(`Policy ${duplicate}: the @id is not unique`);
  return policies;
}

function parsePolicy(text: string): ParsedPolicy {
  const answer = policyToJson(text);
  if (answer.type === 'failure') throw new Error(`${formatMessages(answer.errors)}:\n${text}`);
  const { id, notice, ...others } = answer.json.annotations ?? {};
  if (!id) throw new Error(`A policy has no @id:\n${text}`);
  if (!notice) throw new Error(`Policy ${id}: the @notice is missing`);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new Error(`Policy ${id}: the annotation @${unknown} is not supported`);
  return { id, notice, json: answer.json };
}

/** Policies by ID, as the engine loads them. */
export const toPolicySet = (policies: readonly ParsedPolicy[]): Record<string, PolicyJson> =>
  Object.fromEntries(policies.map(({ id, json }) => [id, json]));

/** Lists errors and warnings of Cedar's strict validation. */
export function listProblems(policies: readonly ParsedPolicy[], schema: string): string[] {
  const answer = validate({
    schema,
    policies: { staticPolicies: toPolicySet(policies) },
    validationSettings: { mode: 'strict' },
  });
  if (answer.type === 'failure') return [formatMessages(answer.errors)];
  const { validationErrors, validationWarnings, otherWarnings } = answer;
  return [
    ...[...validationErrors, ...validationWarnings].map(
      ({ policyId, error }) => `Policy ${policyId}: ${error.message}`,
    ),
    ...otherWarnings.map(({ message }) => message),
  ];
}

const formatMessages = (errors: readonly { readonly message: string }[]): string =>
  errors.map(({ message }) => message).join('; ');
