import type { Entity } from '../kernel/entity.ts';
import type { Slug, Uuid } from '../kernel/ids.ts';

/** Identity provider of a connection. Selects texts only: every provider gets the same answers. */
export const providers = ['okta', 'entra', 'onelogin', 'other'] as const;
export type Provider = (typeof providers)[number];

/** SCIM connection of an identity provider, which provisions users and groups of a tenant. */
export interface Connection extends Entity {
  readonly tenantId: Uuid;
  readonly connectionId: Uuid;
  readonly name: string;
  readonly provider: Provider;
  /** App client whose secrets are the tokens of the connection. Last part of its formatted ID. */
  readonly appClientId: string;
  /** Sign-in of new users. Only `local` users are invited. */
  readonly authProvider: 'local' | 'oidc' | 'saml';
  /**
   * Rule for a new user whose username or email belongs to an unmanaged user: refuse, or take over
   * the user if the domain of the email is verified.
   */
  readonly onUnmanagedMatch: 'refuse' | 'adopt';
  /** Role slug by value of the SCIM attributes `roles` and `entitlements`. */
  readonly roleMap: Readonly<Record<string, Slug>>;
  /** Attributes of the extension `urn:ietf:params:scim:schemas:extension:<name>:2.0:User`. */
  readonly extension?: DeclaredExtension | undefined;
  /** True to accept passwords. */
  readonly changePassword: boolean;
  /** Rule for a group whose name another group of the connection has. */
  readonly groupNames: 'unique' | 'duplicates';
  /** Rule for a new user with the external ID of a user deleted within 30 days. */
  readonly afterDelete: 'new' | 'restore';
  /** Users that the connection can read. */
  readonly visible: 'all' | 'managed';
  /** True to reject changes of other callers to attributes that the connection writes. */
  readonly lockManaged: boolean;
  /** Effect of mass deprovisioning: warn in the health, or also reject more until it is released. */
  readonly brake: 'warn' | 'hold';
  /** Days after which log entries expire, 30 to 180. */
  readonly logDays: number;
  readonly status: 'live' | 'paused';
}

/** Maximum per tenant. */
export const maxConnections = 20;

/** Extension of the user schema with attributes of the tenant. */
export interface DeclaredExtension {
  /** Letters, digits and `-`, such as `acme`. */
  readonly name: string;
  /** Names of text attributes. Each is the metadata key of the same name. */
  readonly attributes: readonly string[];
}
