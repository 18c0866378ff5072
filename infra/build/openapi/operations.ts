import { appClientDoc } from '../../../lib/api/app-clients/docs.ts';
import { brandingDoc } from '../../../lib/api/branding/docs.ts';
import { auditLogDoc } from '../../../lib/api/audit-log/docs.ts';
import { bulkUserDoc } from '../../../lib/api/bulk-users/docs.ts';
import { checkpointDoc } from '../../../lib/api/checkpoints/docs.ts';
import { connectionDoc } from '../../../lib/api/connections/docs.ts';
import { domainDoc } from '../../../lib/api/domains/docs.ts';
import { serviceDoc } from '../../../lib/api/documents/docs.ts';
import { emailVerificationDoc } from '../../../lib/api/email-verification/docs.ts';
import { feedDoc } from '../../../lib/api/feed/docs.ts';
import { groupDoc } from '../../../lib/api/groups/docs.ts';
import { groupTokenDoc } from '../../../lib/api/group-tokens/docs.ts';
import { invitationDoc } from '../../../lib/api/invitations/docs.ts';
import { levelDoc } from '../../../lib/api/levels/docs.ts';
import { passwordResetDoc } from '../../../lib/api/links/docs.ts';
import { tokenDoc } from '../../../lib/api/oauth/docs.ts';
import type {
  DocumentedOperation,
  OperationDoc,
  OperationDocs,
} from '../../../lib/api/operation-doc.ts';
import { roleDoc } from '../../../lib/api/roles/docs.ts';
import type { DialectName, Route } from '../../../lib/api/routes.ts';
import { bulkDoc } from '../../../lib/api/scim/bulk/docs.ts';
import { ownUserDoc } from '../../../lib/api/scim/own-user/docs.ts';
import { discoveryDoc } from '../../../lib/api/scim/discovery/docs.ts';
import { scimGroupDoc } from '../../../lib/api/scim/groups/docs.ts';
import { searchResourceDoc } from '../../../lib/api/scim/search/docs.ts';
import { scimUserDoc } from '../../../lib/api/scim/users/docs.ts';
import { selfDoc } from '../../../lib/api/self/docs.ts';
import { signInDoc } from '../../../lib/api/sign-in/docs.ts';
import { tenantDoc } from '../../../lib/api/tenants/docs.ts';
import { userDoc } from '../../../lib/api/users/docs.ts';
import { webhookDoc } from '../../../lib/api/webhooks/docs.ts';
import { capitalize } from './capitalize.ts';
import { dialectGroups } from './introduction.ts';

/** Sections of the document, in order. */
export const resourceDocs = [
  userDoc,
  bulkUserDoc,
  selfDoc,
  invitationDoc,
  signInDoc,
  passwordResetDoc,
  emailVerificationDoc,
  roleDoc,
  groupDoc,
  groupTokenDoc,
  levelDoc,
  tenantDoc,
  brandingDoc,
  domainDoc,
  webhookDoc,
  connectionDoc,
  appClientDoc,
  feedDoc,
  auditLogDoc,
  checkpointDoc,
  scimUserDoc,
  searchResourceDoc,
  ownUserDoc,
  bulkDoc,
  scimGroupDoc,
  discoveryDoc,
  tokenDoc,
  serviceDoc,
] as const;

/** Every operation of the routes table. */
const operationDocs: OperationDocs<DocumentedOperation> = {
  ...userDoc.operations,
  ...bulkUserDoc.operations,
  ...selfDoc.operations,
  ...invitationDoc.operations,
  ...signInDoc.operations,
  ...passwordResetDoc.operations,
  ...emailVerificationDoc.operations,
  ...roleDoc.operations,
  ...groupDoc.operations,
  ...groupTokenDoc.operations,
  ...levelDoc.operations,
  ...tenantDoc.operations,
  ...brandingDoc.operations,
  ...domainDoc.operations,
  ...webhookDoc.operations,
  ...connectionDoc.operations,
  ...appClientDoc.operations,
  ...feedDoc.operations,
  ...auditLogDoc.operations,
  ...checkpointDoc.operations,
  ...scimUserDoc.operations,
  ...searchResourceDoc.operations,
  ...ownUserDoc.operations,
  ...bulkDoc.operations,
  ...scimGroupDoc.operations,
  ...discoveryDoc.operations,
  ...tokenDoc.operations,
  ...serviceDoc.operations,
};

export const getOperationDoc = ({ operation }: Route): OperationDoc =>
  operationDocs[operation as DocumentedOperation];

export const getResourceDoc = ({ operation }: Route) => {
  const found = resourceDocs.find(({ operations }) => operation in operations);
  if (!found) throw new Error(`${operation} belongs to no section of the document`);
  return found;
};

/** IDs of operations with a second path, because each ID is unique. */
const secondPathIds: Readonly<Record<string, string>> = {
  'POST /token': 'issueTokenAtOldPath',
  'GET /credible/api/v0/organizations/{organization}/environments': 'credibleListEnvironments',
  'GET /.well-known/oauth-authorization-server': 'getAuthorizationServerMetadata',
};

export const buildOperationId = ({ route, operation, dialect }: Route): string =>
  secondPathIds[route] ??
  (dialect === 'native' || dialect === 'scim' ? operation : `${dialect}${capitalize(operation)}`);

/** Tag of a resource in a dialect. */
export const buildTagName = (dialect: DialectName, resource: string): string =>
  dialect === 'native' ? resource : `${dialectGroups[dialect].name} ${resource.toLowerCase()}`;
