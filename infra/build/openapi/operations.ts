import type { FailureCode } from '../../../lib/domain/kernel/failure.ts';
import type { DialectName, Operation, Route } from '../../../lib/api/routes.ts';
import { appClientWords } from '../../../lib/api/app-clients/docs-texts.ts';
import { documentWords } from '../../../lib/api/documents/docs.ts';
import { invitationWords } from '../../../lib/api/invitations/docs-texts.ts';
import { passwordResetWords } from '../../../lib/api/links/docs-texts.ts';
import { roleWords } from '../../../lib/api/roles/docs-texts.ts';
import { signInWords } from '../../../lib/api/sign-in/docs-texts.ts';
import { tenantWords } from '../../../lib/api/tenants/docs-texts.ts';
import { tokenWords } from '../../../lib/api/oauth/docs-texts.ts';
import { userWords } from '../../../lib/api/users/docs-texts.ts';

type DocumentedOperation = Exclude<Operation, 'answerUnrouted'>;

interface Words {
  /** A line. */
  readonly summary: string;
  /** A paragraph or more, in Markdown. */
  readonly description: string;
  /** What holds besides in one dialect. */
  readonly remarks?: Readonly<Partial<Record<DialectName, string>>>;
  /** What failures mean of this operation, where they mean something of its own. */
  readonly failures?: FailureWords;
}

/** Why some of the failures happen. */
export type FailureWords = Readonly<Partial<Record<FailureCode, string>>>;

/** What the document says of some of the operations: those of a resource are in its file, `<resource>-words.ts`. */
export type OperationWords = Readonly<Partial<Record<DocumentedOperation, Words>>>;

const operations: Readonly<Record<DocumentedOperation, Words>> = {
  ...userWords,
  ...invitationWords,
  ...roleWords,
  ...appClientWords,
  ...tenantWords,
  ...tokenWords,
  ...signInWords,
  ...passwordResetWords,
  ...documentWords,
};

/** What failures mean of the operation of a route. */
export const failuresOf = ({ operation }: Route): FailureWords =>
  operations[operation as DocumentedOperation].failures ?? {};

/** What the document calls an operation, and says of it. */
export function wordsOf({ operation, dialect }: Route): {
  operationId: string;
  summary: string;
  description: string;
} {
  const { summary, description, remarks } = operations[operation as DocumentedOperation];
  const remark = remarks?.[dialect];
  return {
    operationId:
      dialect === 'native'
        ? operation
        : `${dialect}${operation[0]?.toUpperCase()}${operation.slice(1)}`,
    summary,
    description: remark ? `${description}\n\n${remark}` : description,
  };
}
