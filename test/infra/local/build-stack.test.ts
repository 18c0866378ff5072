import { describe, expect, test } from 'vitest';
import {
  describeBuild,
  findChanges,
  type SourceHashes,
} from '../../../infra/local/template/build-stack.ts';

// Decision between a complete build, a build of the functions, and none.

const hashes: SourceHashes = new Map([
  ['infra/stack.ts', 'a'],
  ['lib/api/routes.ts', 'b'],
  ['lib/domain/users/get-user.ts', 'c'],
]);
const previous = describeBuild(['infra/stack.ts', 'lib/api/routes.ts'], hashes, 'native');
const change = (file: string, hash: string) => new Map([...hashes, [file, hash]]);

describe('findChanges', () => {
  test('finds none in the same sources', () => {
    const changes = findChanges(previous, hashes, 'native');
    expect(changes).toEqual({ functions: false, template: false });
  });

  test('finds everything without a previous build, and for other dialects', () => {
    const everything = { functions: true, template: true };
    expect(findChanges(undefined, hashes, 'native')).toEqual(everything);
    expect(findChanges(previous, hashes, 'native,cradl')).toEqual(everything);
  });

  test.each(['infra/stack.ts', 'lib/api/routes.ts'])(
    'finds a changed template if %s changed or no longer exists',
    (file) => {
      const everything = { functions: true, template: true };
      expect(findChanges(previous, change(file, 'x'), 'native')).toEqual(everything);
      const rest = new Map([...hashes].filter(([name]) => name !== file));
      expect(findChanges(previous, rest, 'native')).toEqual(everything);
    },
  );

  test.each(['lib/domain/users/get-user.ts', 'lib/domain/users/new.ts'])(
    'finds changed functions only if %s changed or is new',
    (file) => {
      const changes = findChanges(previous, change(file, 'x'), 'native');
      expect(changes).toEqual({ functions: true, template: false });
    },
  );
});
