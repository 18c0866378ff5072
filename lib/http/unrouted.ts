import { Failure } from '../domain/failure.ts';
import { routes } from './routes.ts';

/** Why no route took this path: other methods are there (`method_not_allowed`, with what `Allow` lists), or nothing is (`not_found`). */
export function unrouted(path: string): Failure {
  const fitting = routes
    .map(({ route }) => route.split(' '))
    .flatMap(([method = '', template]) => (template && fits(path, template) ? method : []));
  // A path such as /v1/users/me fits two templates.
  const allow = [...new Set(fitting)];
  if (allow.length === 0) return new Failure('not_found', 'There is nothing at this path');
  return new Failure('method_not_allowed', `This path has ${allow.join(', ')}, and no other method`, { details: { allow } });
}

const fits = (path: string, template: string): boolean => {
  const parts = path.split('/');
  const expected = template.split('/');
  return (
    parts.length === expected.length &&
    expected.every((part, index) => (part.startsWith('{') ? parts[index] !== '' : parts[index] === part))
  );
};
