import type { DialectsServing } from '../routes.ts';
import type { AuditLogCodec, AuditLogOperation } from './audit-log-codec.ts';
import { jitsudoAuditLog } from './jitsudo.ts';
import { nativeAuditLog } from './native.ts';

/** Codecs of every dialect that routes.ts lists for the audit log. */
export const auditLogCodecs = {
  native: nativeAuditLog,
  jitsudo: jitsudoAuditLog,
} satisfies Record<DialectsServing<AuditLogOperation>, AuditLogCodec>;
