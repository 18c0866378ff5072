import { cradlList, jitsudoList } from '../../lists.ts';
import type { DialectsServing } from '../../routes.ts';
import { cradlUser } from '../cradl.ts';
import { credibleUser } from '../credible.ts';
import { jitsudoUser } from '../jitsudo.ts';
import type { UserListCodec } from '../user-codec.ts';
import { nativeUserList } from './native.ts';

/** List of users in every dialect. */
export const userListCodecs = {
  native: nativeUserList,
  cradl: cradlList({
    itemsLabel: 'users',
    field: 'users',
    item: cradlUser.response,
    id: 'CradlUserList',
  }),
  jitsudo: jitsudoList({ itemsLabel: 'users', item: jitsudoUser.response, id: 'JitsudoUserList' }),
  // Credible documents no list. This is Cradl's.
  credible: cradlList({
    itemsLabel: 'users',
    field: 'users',
    item: credibleUser.response,
    id: 'CredibleUserList',
  }),
} satisfies Record<DialectsServing<'listUsers'>, UserListCodec>;
