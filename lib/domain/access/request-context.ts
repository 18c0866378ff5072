import type { EpochMs } from '../kernel/time.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';
import type { Principal } from './principal.ts';

/** Decision of the policies about one action. */
export interface Decision {
  readonly allowed: boolean;
  /**
   * IDs of the deciding policies. If none decided, of the policies that could permit the action.
   */
  readonly policies: readonly string[];
}

/** Authenticated request to the deployment, which does not have to name a tenant. */
export interface DeploymentContext {
  readonly principal: Principal;
  /** Tenant that the request names. Undefined only for system administrators. */
  readonly tenant?: TenantWithRoles | undefined;
  readonly dialect: string;
  readonly requestId: string;
  /** Time at which the request stops retrying. */
  readonly deadline: EpochMs;
  /** Policy decisions in order. A response requires exactly one. */
  readonly decisions: Decision[];
}

/** Authenticated request in a tenant. */
export interface RequestContext extends DeploymentContext {
  /**
   * Tenant that the request acts in. Every key that the request reads or writes is built from it.
   */
  readonly tenant: TenantWithRoles;
}
