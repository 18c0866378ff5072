import { expect, test } from 'vitest';
import { compilePattern } from '../../../infra/local/events/event-pattern.ts';

// Event patterns of EventBridge rules and event source mapping filters.

const event = {
  source: 'aws.ses',
  time: null,
  detail: {
    eventType: 'Bounce',
    count: 3,
    isFinal: false,
    mail: { tags: { user: ['u-1', 'u-2'] }, empty: [] },
    recipients: [{ name: 'ada', kind: 'to' }, { name: 'eve' }],
  },
  dynamodb: { NewImage: { due: { S: '2026' } } },
};

test.each<[string, object, boolean]>([
  ['a value', { source: ['aws.ses'] }, true],
  ['another value', { source: ['aws.s3'] }, false],
  ['a value in another case', { source: ['AWS.SES'] }, false],
  ['one of several', { source: ['aws.s3', 'aws.ses'] }, true],
  ['an empty list of values', { source: [] }, false],
  ['a number', { detail: { count: [3] } }, true],
  ['a number as a string', { detail: { count: ['3'] } }, false],
  ['false', { detail: { isFinal: [false] } }, true],
  ['null', { time: [null] }, true],
  ['null for an absent key', { region: [null] }, false],
  [
    'all of several keys',
    { source: ['aws.ses'], detail: { eventType: ['Bounce'], count: [3] } },
    true,
  ],
  [
    'not all of several keys',
    { source: ['aws.ses'], detail: { eventType: ['Bounce'], count: [4] } },
    false,
  ],
  ['an item of a list', { detail: { mail: { tags: { user: ['u-2'] } } } }, true],
  ['no item of a list', { detail: { mail: { tags: { user: ['u-3'] } } } }, false],
  ['one object of a list', { detail: { recipients: { name: ['ada'], kind: ['to'] } } }, true],
  [
    'two objects of a list together',
    { detail: { recipients: { name: ['eve'], kind: ['to'] } } },
    false,
  ],
  ['a key below a value', { source: { name: ['x'] } }, false],
  [
    'the existence of a present key',
    { dynamodb: { NewImage: { due: { S: [{ exists: true }] } } } },
    true,
  ],
  [
    'the existence of an absent key',
    { dynamodb: { NewImage: { lost: { S: [{ exists: true }] } } } },
    false,
  ],
  ['the existence of an object', { dynamodb: { NewImage: [{ exists: true }] } }, false],
  ['the existence of an empty list', { detail: { mail: { empty: [{ exists: true }] } } }, false],
  ['the existence of null', { time: [{ exists: true }] }, true],
  [
    'the absence of an absent key',
    { dynamodb: { OldImage: { due: { S: [{ exists: false }] } } } },
    true,
  ],
  ['the absence of a present key', { source: [{ exists: false }] }, false],
  ['a value or its absence', { region: ['x', { exists: false }] }, true],
  ['a prefix', { source: [{ prefix: 'aws.' }] }, true],
  ['another prefix', { source: [{ prefix: 'ses' }] }, false],
  ['a prefix of a number', { detail: { count: [{ prefix: '3' }] } }, false],
  ['anything but another value', { source: [{ 'anything-but': 'aws.s3' }] }, true],
  ['anything but this value', { source: [{ 'anything-but': 'aws.ses' }] }, false],
  ['anything but several values', { source: [{ 'anything-but': ['aws.s3', 'aws.ses'] }] }, false],
  ['anything but a prefix', { source: [{ 'anything-but': { prefix: 'aws.' } }] }, false],
  ['anything but a value, for an absent key', { region: [{ 'anything-but': 'x' }] }, false],
  ['one of two conditions', { $or: [{ source: ['aws.s3'] }, { detail: { count: [3] } }] }, true],
  [
    'neither of two conditions',
    { $or: [{ source: ['aws.s3'] }, { detail: { count: [4] } }] },
    false,
  ],
  [
    'one of two conditions and another one',
    { $or: [{ source: ['aws.ses'] }, { source: ['x'] }], detail: { count: [4] } },
    false,
  ],
])('a pattern with %s: %j is %s', (_, pattern, expected) => {
  expect(compilePattern(pattern)(event)).toBe(expected);
});

test.each([
  [{ detail: { count: [{ numeric: ['>', 1] }] } }, 'numeric'],
  [{ source: 'aws.ses' }, '"aws.ses" is not an event pattern'],
  [[], 'is not an event pattern'],
  [{ source: [{ prefix: { 'equals-ignore-case': 'x' } }] }, 'prefix'],
])('rejects the pattern %j', (pattern, message) => {
  expect(() => compilePattern(pattern)).toThrow(message);
});
