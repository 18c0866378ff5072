import type { FailureCode } from '../../domain/kernel/failure.ts';
import { type DialectConventions, dialects } from '../dialects.ts';
import { createErrorRenderer, statusByCode } from '../errors.ts';
import type { DialectName } from '../routes.ts';
import { readClientSecret } from './client-secret.ts';

/** Detail error keywords (RFC 7644 §3.12, RFC 9865 §2). */
export const scimTypeNames = [
  'invalidSyntax',
  'invalidFilter',
  'invalidPath',
  'noTarget',
  'invalidValue',
  'mutability',
  'tooMany',
  'uniqueness',
  'invalidCursor',
  'expiredCursor',
  'invalidCount',
] as const;
type ScimType = (typeof scimTypeNames)[number];

/** Keyword of each code that has one. */
const scimTypes: Readonly<Partial<Record<FailureCode, ScimType>>> = {
  malformed_json: 'invalidSyntax',
  invalid_filter: 'invalidFilter',
  invalid_path: 'invalidPath',
  no_target: 'noTarget',
  immutable_attribute: 'mutability',
  invalid_count: 'invalidCount',
  invalid_cursor: 'invalidCursor',
  invalid_input: 'invalidValue',
  invalid_roles: 'invalidValue',
  password_rejected: 'invalidValue',
  too_many_results: 'tooMany',
  user_exists: 'uniqueness',
  group_exists: 'uniqueness',
  cursor_expired: 'expiredCursor',
};

/** Keywords that require 400 (RFC 7644 table 9). */
const selectStatus = (code: FailureCode): number =>
  scimTypes[code] === undefined || scimTypes[code] === 'uniqueness' ? statusByCode[code] : 400;

export const errorUrn = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** Body of an error (RFC 7644 §3.12). */
export interface ScimError {
  readonly schemas: readonly string[];
  /** HTTP status as text. */
  readonly status: string;
  readonly scimType?: ScimType;
  readonly detail: string;
}

export const toScimError = (status: number, detail: string, scimType?: ScimType): ScimError => ({
  schemas: [errorUrn],
  status: String(status),
  ...(scimType && { scimType }),
  detail,
});

const renderFailure = createErrorRenderer({
  firstName: 'name.givenName',
  lastName: 'name.familyName',
  name: 'displayName',
  businessRole: 'title',
  email: 'emails',
});

/** Conventions of SCIM 2.0. The token names the tenant. */
export const scimConventions: DialectConventions = {
  tenantHeader: 'optional',
  readApiKey: readClientSecret,
  renderError: (failure, requestId) => {
    const status = selectStatus(failure.code);
    const scimType = scimTypes[failure.code];
    const { message } = renderFailure(failure, requestId).body;
    const { location } = failure.details;
    return {
      status,
      body: toScimError(status, message, scimType),
      ...(typeof location === 'string' && { headers: { location } }),
    };
  },
  selectMediaType: (accept = '') =>
    /\bapplication\/json\b/i.test(accept) && !/application\/scim\+json|\*\/\*/i.test(accept)
      ? 'application/json; charset=utf-8'
      : 'application/scim+json; charset=utf-8',
};

/** Conventions of all dialects. */
export const allDialects = {
  ...dialects,
  scim: scimConventions,
} as const satisfies Readonly<Record<DialectName, DialectConventions>>;
