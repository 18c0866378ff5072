import { cradlUser } from './cradl.ts';
import { credibleUser } from './credible.ts';
import { setActiveInput } from './set-active.ts';
import { jitsudoSelf } from '../self/jitsudo.ts';
import { jitsudoUser } from './jitsudo.ts';
import { erasureList } from './erasure.ts';
import { changeList, exportResponse } from './export.ts';
import {
  confirmCredentialInput,
  requestConfirmationInput,
} from '../self/credential-confirmation.ts';
import { approveCredentialsInput } from './credential-approval.ts';
import { nativeSelf } from '../self/native.ts';
import { nativeUser } from './native.ts';
import type { SelfCodec, UserCodec } from './user-codec.ts';
import type { DialectName, Operation } from '../routes.ts';
import {
  erasureExample,
  examples,
  exportExample,
  type OwnAccountExamples,
  ownAccountExamples,
  type UserExamples,
} from './docs-examples.ts';
import { linkToken } from '../links/docs.ts';
import type { Media, Shape } from '../operation-doc.ts';

type UserOperation = Extract<
  Operation,
  | `${string}User`
  | 'approveCredentials'
  | 'requestCredentialConfirmation'
  | 'confirmCredential'
  | 'listUsers'
  | 'listErasures'
  | 'setUserActive'
  | 'changeOwnPassword'
>;

interface Dialect {
  readonly user: UserCodec;
  readonly own: SelfCodec;
  readonly shown: UserExamples;
  readonly ownShown: OwnAccountExamples;
}

/** A user whom something has happened to. */
const after = ({ user, shown }: Dialect, changes: object = {}): Media => ({
  schema: user.response,
  example: { ...shown.user, ...shown.change, ...changes },
});

/** The users of each dialect. */
export const userWires: Readonly<Record<DialectName, UserCodec>> = {
  native: nativeUser,
  cradl: cradlUser,
  jitsudo: jitsudoUser,
  credible: credibleUser,
};

const ownAccounts: Readonly<Partial<Record<DialectName, SelfCodec>>> = {
  native: nativeSelf,
  jitsudo: jitsudoSelf,
};

/** What an operation takes and gives in the dialect of its route. */
const about =
  (shape: (dialect: Dialect) => Shape) =>
  (name: DialectName): Shape =>
    shape({
      user: userWires[name],
      own: ownAccounts[name] ?? nativeSelf,
      shown: examples[name],
      ownShown: ownAccountExamples[name] ?? ownAccountExamples.native,
    });

/** What the operations on users take and give; what differs between dialects lies in their wires. */
export const userShapes: Readonly<Record<UserOperation, (dialect: DialectName) => Shape>> = {
  createUser: about(({ user, shown }) => ({
    request: { schema: user.createInput, example: shown.draft },
    answer: { schema: user.response, example: shown.user },
    done: 'The user was created.',
    repeatable: true,
  })),
  listUsers: about(({ user: { list }, shown }) => ({
    query: list.query,
    answer: { schema: list.response, example: list.toResponse([shown.user], undefined) },
    done: 'A page of users.',
  })),
  getUser: about(({ user, shown }) => ({
    answer: { schema: user.response, example: shown.user },
    done: 'The user.',
  })),
  updateUser: about((dialect) => ({
    request: { schema: dialect.user.updateInput, example: dialect.shown.patch },
    answer: after(dialect, dialect.shown.patch),
    done: 'The user as it is now.',
    conditional: true,
  })),
  approveCredentials: about((dialect) => ({
    request: { schema: approveCredentialsInput, example: { email: true } },
    answer: after(dialect),
    done: 'The updated user.',
    conditional: true,
  })),
  requestCredentialConfirmation: about(() => ({
    request: { schema: requestConfirmationInput, example: { credential: 'email' } },
    done: 'The link will be mailed.',
  })),
  confirmCredential: about(() => ({
    request: { schema: confirmCredentialInput, example: { token: linkToken } },
    done: 'The credential no longer has a limit.',
  })),
  suspendUser: about((dialect) => ({
    answer: after(dialect, dialect.shown.inactive),
    done: 'The user is suspended.',
    conditional: true,
  })),
  reactivateUser: about((dialect) => ({
    answer: after(dialect),
    done: 'The user is active again.',
    conditional: true,
  })),
  setUserActive: about((dialect) => ({
    request: { schema: setActiveInput, example: { active: false } },
    answer: after(dialect, dialect.shown.inactive),
    done: 'The user is suspended, or active again.',
    conditional: true,
  })),
  deleteUser: about((dialect) => ({
    answer: after(dialect, dialect.shown.inactive),
    done: 'The user is deleted.',
    conditional: true,
  })),
  restoreUser: about((dialect) => ({
    answer: after(dialect),
    done: 'The user is what it was before it was deleted.',
    conditional: true,
  })),
  eraseUser: about(() => ({ done: 'Nothing is held about the user any more.', conditional: true })),
  listErasures: about(() => ({
    query: erasureList.query,
    answer: {
      schema: erasureList.response,
      example: erasureList.toResponse([erasureExample], undefined),
    },
    done: 'A page of erasures.',
  })),
  exportUser: about(() => ({
    query: changeList.query,
    answer: { schema: exportResponse, example: exportExample },
    done: 'All data about the user, with a page of the changes.',
  })),
  getOwnUser: about(({ own, ownShown }) => ({
    answer: { schema: own.response, example: ownShown.user },
    done: 'The user who calls.',
  })),
  updateOwnUser: about(({ own, ownShown }) => ({
    request: { schema: own.updateInput, example: ownShown.patch },
    answer: { schema: own.response, example: { ...ownShown.user, ...ownShown.patch } },
    done: 'The user who calls, as it is now.',
    conditional: true,
  })),
  changeOwnPassword: about(
    ({
      own: {
        changePasswordInput: password,
        passwordResponse: passwordChanged,
        mapError: asDocumented,
      },
      ownShown,
    }) => ({
      request: { schema: password, example: ownShown.password },
      ...(passwordChanged && {
        answer: { schema: passwordChanged.schema, example: passwordChanged.body },
      }),
      done: 'The password is changed.',
      ...(asDocumented && { mapError: asDocumented }),
    }),
  ),
};
