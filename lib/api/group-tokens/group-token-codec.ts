import type * as z from 'zod';
import type { GroupTokenClient } from '../../domain/group-tokens/manage-group-tokens.ts';
import type { Group } from '../../domain/groups/group.ts';
import type { Timestamp } from '../../domain/kernel/time.ts';
import type { LazySchema, PathParameter } from '../codec.ts';
import type { GroupPathCodec } from '../groups/find-group.ts';

export type GroupTokenOperation = 'createGroupToken' | 'listGroupTokens' | 'deleteGroupToken';

/** Tokens of groups in one dialect. */
export interface GroupTokenCodec {
  readonly group: GroupPathCodec;
  readonly parameter: PathParameter;
  /** Query parameters of a creation. */
  readonly createQuery: () => z.ZodObject;
  toCreateInput(query: Readonly<Record<string, unknown>>): {
    readonly name: string;
    readonly expiresAt: Timestamp | undefined;
  };
  readonly response: LazySchema;
  readonly createResponse: LazySchema;
  readonly listResponse: LazySchema;
  toResponse(
    client: GroupTokenClient,
    context: { readonly group: Group; readonly now: Date },
    secret?: string,
  ): object;
}
