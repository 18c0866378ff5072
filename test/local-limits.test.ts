import { expect, test } from 'vitest';
import { localLimits, readLimits } from '../infra/local/limits.ts';
import { section } from './readme.ts';
import { resource } from './synthesis.ts';

test('every number that a function is told can be set for npm start', () => {
  const { Variables } = resource('AWS::Lambda::Function', 'Users').Properties.Environment;
  const numbers = Object.entries(Variables as Record<string, unknown>).filter(
    ([, value]) => typeof value === 'string' && /^[\d.]+$/.test(value),
  );
  expect(Object.keys(localLimits).toSorted()).toEqual(numbers.map(([name]) => name).toSorted());
});

test.each(Object.keys(localLimits))('%s replaces its default, and stands in the README with it', (name) => {
  expect(readLimits({ [name]: '3' })).toEqual({ ...localLimits, [name]: '3' });
  expect(readLimits({ [name]: '' })).toEqual(localLimits);
  expect(section('Run it')).toMatch(
    new RegExp(`^\\| \`${name}\` \\| ${localLimits[name]?.replace('1000000', '1,000,000')} \\| .+ \\|$`, 'm'),
  );
});
