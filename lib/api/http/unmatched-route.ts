import { Failure } from '../../domain/kernel/failure.ts';

/** No route has this path. */
export const pathNotFound = (): Failure =>
  new Failure('not_found', 'There is nothing at this path');

/** The path has other methods, as `Allow` lists them. */
export const methodNotAllowed = (allow: readonly string[]): Failure =>
  new Failure('method_not_allowed', `This path supports only ${allow.join(', ')}`, {
    details: { allow },
  });
