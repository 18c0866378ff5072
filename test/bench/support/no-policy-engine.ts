/** In the policy engine's place, to see what the engine itself costs a cold start: it denies everything, without a look. */
export const preparsePolicySet = () => ({ type: 'success' });

export const statefulIsAuthorized = () => ({
  type: 'success',
  response: { decision: 'deny', diagnostics: { reason: [], errors: [] } },
  warnings: [],
});
