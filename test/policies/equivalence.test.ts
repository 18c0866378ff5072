import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine, formatOutcome } from '../../infra/build/policies/engine.ts';
import { hashSources } from '../../infra/build/policies/engine-answers.ts';
import type { SampleRequest } from '../../infra/build/policies/request-space.ts';
import type { ValueType } from '../../infra/build/policies/schema.ts';
import { dialects } from '../../lib/api/dialects.ts';
import { compiledPolicies } from '../../lib/domain/access/policies/compiled.ts';
import { permissions } from '../../lib/domain/access/permissions.ts';
import {
  actions,
  decide,
  engineAnswers,
  getSpace,
  policies,
  schema,
} from '../support/policy-requests.ts';
import { scaleRuns } from '../support/property-runs.ts';

const decideByEngine = createEngine(policies, schema);
const decideByModule = (request: SampleRequest) => decide(compiledPolicies, request);

describe('the compiled policies decide like the engine', () => {
  it('with stored answers of the current policies; run `npm run policies` after a change', () => {
    expect(engineAnswers.hash).toBe(hashSources(policies, schema));
    expect(Object.keys(engineAnswers.actions)).toEqual(actions);
  });

  it.each(actions)('on every request of %s', (action) => {
    const { space, outcomes } = getSpace(action);
    expect(space.size).toBeGreaterThanOrEqual(40);
    expect(outcomes).toHaveLength(space.size);
    const difference = outcomes.findIndex(
      (outcome, index) => formatOutcome(decideByModule(space.get(index))) !== outcome,
    );
    if (difference >= 0) {
      const request = space.get(difference);
      expect({ request, outcome: formatOutcome(decideByModule(request)) }).toEqual({
        request,
        outcome: outcomes[difference],
      });
    }
  });

  it.each(actions)('with stored answers for %s that the engine gives again', (action) => {
    const { space, outcomes } = getSpace(action);
    const expectSame = (index: number): void => {
      expect(formatOutcome(decideByEngine(space.get(index)))).toBe(outcomes[index]);
    };
    if (space.size <= 200) outcomes.forEach((_, index) => expectSame(index));
    else
      fc.assert(fc.property(fc.nat({ max: space.size - 1 }), expectSame), {
        numRuns: scaleRuns(300),
      });
  });

  const strings = fc.oneof(
    fc.constantFrom(...Object.keys(dialects), ...permissions, 'origin', 'status', 'ownerUserId'),
    fc.string(),
    fc.constantFrom('', 'constructor', '__proto__', 'users:create ', 'USERS:CREATE'),
  );
  const createValues = (type: ValueType): fc.Arbitrary<unknown> => {
    if (type.kind === 'boolean') return fc.boolean();
    if (type.kind === 'entity') return fc.constantFrom('own', 'other', '');
    return type.kind === 'set' ? fc.array(strings, { maxLength: 15 }) : strings;
  };
  /** Most attributes have a value of their type. Others are absent. */
  const createRequests = (wrongValues: fc.Arbitrary<unknown>): fc.Arbitrary<SampleRequest> =>
    fc.constantFrom(...actions).chain((action) => {
      const createRecord = (attributes: (typeof schema)['principal']) =>
        fc.record(
          Object.fromEntries(
            Object.entries(attributes).map(([name, { type }]) => [
              name,
              fc.oneof(
                { arbitrary: createValues(type), weight: 20 },
                { arbitrary: type.kind === 'entity' ? createValues(type) : wrongValues, weight: 1 },
              ),
            ]),
          ),
        );
      return fc.record({
        principal: createRecord(schema.principal).map(omitAbsent),
        action: fc.constant(action),
        resource: fc.constantFrom('own', 'other', ''),
        context: createRecord(schema.contexts[action] ?? {}).map(omitAbsent),
      });
    });
  const omitAbsent = (values: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

  it('on generated requests, with absent attributes', () => {
    fc.assert(
      fc.property(createRequests(fc.constant(undefined)), (request) => {
        expect(formatOutcome(decideByModule(request))).toBe(formatOutcome(decideByEngine(request)));
      }),
      { numRuns: scaleRuns(2000) },
    );
  });

  it('or fail, on generated requests with values of another type', () => {
    const wrongValues = fc.constantFrom<unknown>(1, 'true', '', true, [], ['users:create'], {});
    fc.assert(
      fc.property(createRequests(wrongValues), (request) => {
        const [module, engine] = [decideByModule(request), decideByEngine(request)];
        expect(module.errors).toEqual(expect.arrayContaining([...engine.errors]));
        if (module.errors.length === 0) expect(formatOutcome(module)).toBe(formatOutcome(engine));
      }),
      { numRuns: scaleRuns(1000) },
    );
  });
});
