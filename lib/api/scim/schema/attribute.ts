/** Attribute of a SCIM schema (RFC 7643 §7). Defaults as in §2.2. */
export interface Attribute {
  readonly name: string;
  readonly type:
    | 'string'
    | 'boolean'
    | 'decimal'
    | 'integer'
    | 'dateTime'
    | 'reference'
    | 'binary'
    | 'complex';
  readonly description: string;
  readonly multiValued?: boolean;
  readonly required?: boolean;
  readonly caseExact?: boolean;
  /** Default: `readWrite`. */
  readonly mutability?: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  /** Default: `default`. */
  readonly returned?: 'always' | 'never' | 'default' | 'request';
  /** Default: `none`. */
  readonly uniqueness?: 'none' | 'server' | 'global';
  /** The only values. */
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly Attribute[];
  /** Maximum characters of a text. */
  readonly maxLength?: number;
  /** Maximum values of a multi-valued attribute. */
  readonly maxValues?: number;
  /** True if a required attribute has a default in new resources. */
  readonly hasDefault?: boolean;
  /** True for usernames and emails, which are equal if their canonical forms are. */
  readonly isAddress?: boolean;
  /** Key that finds the resources with one value. */
  readonly key?: KeyName;
}

/** Keys by which resources are found without a scan. */
export type KeyName =
  | 'id'
  | 'userName'
  | 'externalId'
  | 'email'
  | 'group'
  | 'member'
  | 'displayName';

/** A SCIM schema: the core of a resource type, or an extension. */
export interface Schema {
  /** URN. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly Attribute[];
}

/** Schemas of a resource type. */
export interface ResourceSchema {
  readonly resourceType: 'User' | 'Group';
  readonly core: Schema;
  readonly extensions: readonly Schema[];
}

/** A resource with canonical attribute names. Extension attributes are under the URN. */
export type ScimResource = Readonly<Record<string, unknown>>;
