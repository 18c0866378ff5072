import type { Operation } from '../routes.ts';

/**
 * Operations on all tenants. A system administrator can call them without naming a tenant, in
 * dialects that require `X-Tenant-ID` too.
 */
const deploymentOperations = ['createTenant', 'listTenants'] as const satisfies Operation[];

export type DeploymentOperation = (typeof deploymentOperations)[number];

export const isDeploymentOperation = (operation: Operation): operation is DeploymentOperation =>
  deploymentOperations.some((each) => each === operation);
