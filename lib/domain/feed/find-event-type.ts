import type { EventType, ResourceType } from './feed-event.ts';

const userEvents = {
  create: 'user.created',
  update: 'user.updated',
  updateOwn: 'user.updated',
  becomeOwner: 'user.updated',
  requestLevel: 'user.updated',
  declineLevel: 'user.updated',
  approveCredentials: 'user.updated',
  requestConfirmation: 'user.updated',
  confirmCredential: 'user.updated',
  requestEmailVerification: 'user.updated',
  requestEmailChange: 'user.updated',
  cancelEmailVerification: 'user.updated',
  verifyEmail: 'user.email_verified',
  invite: 'user.invited',
  revokeInvitation: 'user.invitation_revoked',
  copyInvitationLink: 'user.invitation_link_copied',
  acceptInvitation: 'user.activated',
  suspend: 'user.suspended',
  reactivate: 'user.reactivated',
  delete: 'user.deleted',
  restore: 'user.restored',
  erase: 'user.erased',
  changePassword: 'user.password_changed',
  resetPassword: 'user.password_changed',
  signOut: 'user.signed_out',
} as const satisfies Record<string, EventType>;

const groupEvents = {
  create: 'group.created',
  update: 'group.updated',
  delete: 'group.deleted',
  restore: 'group.restored',
  addMember: 'group.member_added',
  updateMember: 'group.member_updated',
  removeMember: 'group.member_removed',
} as const satisfies Record<string, EventType>;

const roleEvents = {
  create: 'role.created',
  update: 'role.updated',
  delete: 'role.deleted',
} as const satisfies Record<string, EventType>;

const appClientEvents = {
  create: 'app_client.created',
  update: 'app_client.updated',
  rotateSecret: 'app_client.secret_created',
  removeSecret: 'app_client.secret_removed',
  revoke: 'app_client.revoked',
} as const satisfies Record<string, EventType>;

const domainEvents = {
  create: 'domain.created',
  verify: 'domain.verified',
  lose: 'domain.lost',
  delete: 'domain.deleted',
} as const satisfies Record<string, EventType>;

const webhookEvents = {
  create: 'webhook.created',
  update: 'webhook.updated',
  rotateSecret: 'webhook.secret_rotated',
  revokeSecret: 'webhook.updated',
  replay: 'webhook.updated',
  disable: 'webhook.disabled',
  enable: 'webhook.enabled',
  delete: 'webhook.deleted',
} as const satisfies Record<string, EventType>;

const connectionEvents = {
  create: 'connection.created',
  update: 'connection.updated',
  createToken: 'connection.updated',
  removeToken: 'connection.updated',
  delete: 'connection.deleted',
} as const satisfies Record<string, EventType>;

const tenantEvents = {
  create: 'tenant.created',
  update: 'tenant.updated',
  suspend: 'tenant.updated',
  resume: 'tenant.updated',
  transferOwnership: 'tenant.owner_changed',
  delete: 'tenant.deleted',
  restore: 'tenant.restored',
  requestErasure: 'tenant.updated',
  erase: 'tenant.erased',
} as const satisfies Record<string, EventType>;

const eventsByAction = {
  user: userEvents,
  group: groupEvents,
  role: roleEvents,
  appClient: appClientEvents,
  domain: domainEvents,
  webhook: webhookEvents,
  connection: connectionEvents,
  tenant: tenantEvents,
} as const satisfies Record<ResourceType, Readonly<Record<string, EventType>>>;

/** Action in the change records of a kind of resource, or of all kinds. */
export type ChangeAction<Resource extends ResourceType = ResourceType> =
  Resource extends ResourceType ? keyof (typeof eventsByAction)[Resource] : never;

/** Types for actions that a newer version of this service records. Domains have no updates. */
const updates: Readonly<Partial<Record<ResourceType, EventType>>> = {
  user: 'user.updated',
  group: 'group.updated',
  role: 'role.updated',
  appClient: 'app_client.updated',
  webhook: 'webhook.updated',
  connection: 'connection.updated',
  tenant: 'tenant.updated',
};

/** Finds the type of the event about a change. Throws for an unknown action without updates. */
export function findEventType(resource: ResourceType, action: string): EventType {
  const types: Readonly<Partial<Record<string, EventType>>> = eventsByAction[resource];
  const type = types[action] ?? updates[resource];
  if (type === undefined) throw new Error(`No event type for the action ${action} of ${resource}`);
  return type;
}
