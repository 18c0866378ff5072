import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type PolicyJson,
  policySetTextToParts,
  policyToJson,
} from '@cedar-policy/cedar-wasm/nodejs';

const folder = join(import.meta.dirname, '../../lib/domain/access/policies');

/**
 * Converts the `.cedar` files to Cedar's JSON format, by `@id`. Functions load JSON, because
 * parsing text costs 36 ms of each cold start. Throws if a policy does not parse or lacks an `@id`
 * or `@notice`.
 */
export function compilePolicies(): Record<string, PolicyJson> {
  const compiled: Record<string, PolicyJson> = {};
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.cedar'))) {
    const parts = policySetTextToParts(readFileSync(join(folder, file), 'utf8'));
    if (parts.type === 'failure')
      throw new Error(`${file}: ${parts.errors.map(({ message }) => message).join('; ')}`);
    for (const text of parts.policies) {
      const answer = policyToJson(text);
      if (answer.type === 'failure')
        throw new Error(`${file}: ${answer.errors.map(({ message }) => message).join('; ')}`);
      const { id, notice } = answer.json.annotations ?? {};
      if (!id || !notice || id in compiled)
        throw new Error(`${file}: each policy needs an @id of its own and a @notice:\n${text}`);
      compiled[id] = answer.json;
    }
  }
  return compiled;
}

/** `npm run policies` writes this file. A test compares it with the sources. */
export const compiledPoliciesFile = join(folder, 'compiled.json');

if (import.meta.main)
  writeFileSync(compiledPoliciesFile, `${JSON.stringify(compilePolicies(), null, 2)}\n`);
