import type { LevelChange } from '../../domain/levels/change-level.ts';
import type { ListedAccessRequest } from '../../domain/levels/access-request.ts';
import type { MemberName } from '../../domain/groups/group.ts';
import type { LevelHolder } from '../../domain/levels/read-levels.ts';
import type { Level } from '../../domain/roles/level.ts';
import type { LazySchema, PathParameter } from '../codec.ts';

export type LevelOperation =
  | 'createLevel'
  | 'listLevels'
  | 'getLevel'
  | 'updateLevel'
  | 'deleteLevel';

/** Levels of users and groups in one dialect. */
export interface LevelCodec {
  readonly parameter: PathParameter;
  /** Parses the path parameter. Undefined for text that names no user and no group. */
  parseHolder(parameter: string): MemberName | undefined;
  readonly createInput: LazySchema<
    Required<Pick<LevelChange, 'holder'>> & {
      readonly level: Level;
      /** Only in a request for a level. */
      readonly message?: string | null | undefined;
    }
  >;
  readonly updateInput: LazySchema<Level>;
  readonly response: LazySchema;
  readonly listResponse: LazySchema;
  toResponse(holder: LevelHolder): object;
  toRequestResponse(request: ListedAccessRequest): object;
}
