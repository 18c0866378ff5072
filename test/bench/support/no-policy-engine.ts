/** Replaces the policy engine to measure its share of a cold start. Denies everything. */
export const preparsePolicySet = () => ({ type: 'success' });

export const statefulIsAuthorized = () => ({
  type: 'success',
  response: { decision: 'deny', diagnostics: { reason: [], errors: [] } },
  warnings: [],
});
