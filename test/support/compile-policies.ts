import { compileFunction } from 'node:vm';
import { parseSchema } from '../../infra/build/policies/schema.ts';
import { parsePolicies, readSchema } from '../../infra/build/policies/sources.ts';
import { renderPolicies } from '../../infra/build/policies/translate.ts';
import { type CompiledPolicy, definePolicy } from '../../lib/domain/access/compiled-policy.ts';
import * as operators from '../../lib/domain/access/policy-operators.ts';

/** Evaluates the code of a module with compiled policies. */
export function loadPolicies(code: string): readonly CompiledPolicy[] {
  const list = code.slice(code.indexOf('= [') + 2);
  const scope = { ...operators, definePolicy };
  return compileFunction(`return ${list}`, Object.keys(scope))(...Object.values(scope));
}

/** Compiles Cedar policies and evaluates the code. */
export const compileFixtures = (text: string, schema = readSchema()): readonly CompiledPolicy[] =>
  loadPolicies(renderPolicies(parsePolicies(text), parseSchema(schema)));
