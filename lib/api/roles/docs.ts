import { cradlRole } from './cradl.ts';
import { nativeRole } from './native.ts';
import { rolePathParameter, type RoleCodec } from './role-codec.ts';
import type { DialectName, Operation } from '../routes.ts';
import type { Shape } from '../operation-doc.ts';

type RoleOperation = Extract<Operation, `${string}Role` | 'listRoles'>;

const roleId = rolePathParameter.example;
const updatedTime = '2026-02-01T09:30:00.000Z';
const created = {
  roleId,
  name: 'Auditor',
  description: 'Looks, and touches nothing.',
  metadata: { costCentre: 4711 },
  createdTime: '2026-01-31T12:00:00.000Z',
  createdBy: 'admin',
  updatedTime: null,
  updatedBy: null,
};

interface Dialect {
  readonly wire: RoleCodec;
  /** A create's request body. */
  readonly draft: object;
  /** The role as it is answered. */
  readonly role: object;
  /** What every change leaves on it. */
  readonly change: object;
}

const { name, description, metadata } = created;
const native: Dialect = {
  wire: nativeRole,
  draft: { roleId, name, description, permissions: ['users:read', 'roles:read'], metadata },
  role: { ...created, permissions: ['roles:read', 'users:read'], builtIn: false, version: 1 },
  change: { version: 2, updatedTime, updatedBy: 'admin' },
};
const objects = [
  { resourceId: 'cradl:user:*', effect: 'allow', action: 'read' },
  { resourceId: 'cradl:role:*', effect: 'allow', action: 'read' },
];
const cradl: Dialect = {
  wire: cradlRole,
  draft: { name, description, permissions: objects, metadata },
  role: { ...created, permissions: objects },
  change: { updatedTime, updatedBy: 'admin' },
};
const dialectOf = (dialect: DialectName): Dialect => (dialect === 'cradl' ? cradl : native);

const aboutOne = { parameter: rolePathParameter } as const;

/** What the operations on roles take and give. */
export const roleShapes: Readonly<Record<RoleOperation, (dialect: DialectName) => Shape>> = {
  createRole: (dialect) => {
    const { wire, draft, role } = dialectOf(dialect);
    return {
      request: { schema: wire.createInput, example: draft },
      answer: { schema: wire.response, example: role },
      done: 'The role was created.',
      hasEtag: wire === nativeRole,
      ...(wire.getLocation && { location: `/v1/roles/${roleId}` }),
    };
  },
  listRoles: (dialect) => {
    const { wire, role } = dialectOf(dialect);
    return {
      query: wire.list.query,
      answer: { schema: wire.list.response, example: wire.list.toResponse([role], undefined) },
      done: 'A page of roles.',
    };
  },
  getRole: (dialect) => {
    const { wire, role } = dialectOf(dialect);
    return {
      ...aboutOne,
      answer: { schema: wire.response, example: role },
      done: 'The role.',
      hasEtag: wire === nativeRole,
    };
  },
  updateRole: (dialect) => {
    const { wire, role, change } = dialectOf(dialect);
    const patch = { name: 'Inspector' };
    return {
      ...aboutOne,
      request: { schema: wire.updateInput, example: patch },
      answer: { schema: wire.response, example: { ...role, ...change, ...patch } },
      done: 'The role, as everybody who has it has it now.',
      conditional: true,
      hasEtag: wire === nativeRole,
    };
  },
  deleteRole: (dialect) => {
    const { wire, role } = dialectOf(dialect);
    return {
      ...aboutOne,
      ...(wire.returnsDeleted && { answer: { schema: wire.response, example: role } }),
      done: 'The role counts for nothing any more.',
      conditional: true,
    };
  },
};
