/** Filters of RFC 7644 §3.4.2.2, and those that identity providers send. */
import { describe, expect, it } from 'vitest';
import { mentionsAttribute } from '../../../../lib/api/scim/filter/filter.ts';
import { findKeyLookup } from '../../../../lib/api/scim/filter/key-lookup.ts';
import { matches } from '../../../../lib/api/scim/filter/matches.ts';
import { parseFilter } from '../../../../lib/api/scim/filter/parse-filter.ts';
import { enterpriseUserUrn } from '../../../../lib/api/scim/schema/enterprise-user.ts';
import { buildGroupSchema } from '../../../../lib/api/scim/schema/group.ts';
import { buildUserSchema, userUrn } from '../../../../lib/api/scim/schema/user.ts';
import { createRecordedLog } from '../../../support/scim/recorded-log.ts';

const user = buildUserSchema({ changePassword: true });

const resource = {
  schemas: [userUrn, enterpriseUserUrn],
  id: '2819c223-7f76-453a-919d-413861904646',
  externalId: 'Jyoung',
  userName: 'bJensen@Example.com',
  name: { familyName: "O'Malley", givenName: 'Barbara', middleName: '' },
  displayName: 'Straße „7“ \\ "Q"',
  title: 'Vice President',
  userType: 'Employee',
  nickName: '',
  active: true,
  emails: [
    { value: 'bjensen@example.com', type: 'work', primary: true },
    { value: 'babs@jensen.org', type: 'home' },
    { value: 'bj@münchen.example', type: 'other' },
  ],
  ims: [{ value: 'foobar@xmpp.org', type: 'xmpp' }],
  roles: [],
  groups: [{ value: 'g1', display: 'Tour Guides' }],
  [enterpriseUserUrn]: { department: 'Sales', manager: { value: 'u2', displayName: 'Bo' } },
  meta: {
    resourceType: 'User',
    created: '2010-01-23T04:56:22Z',
    lastModified: '2011-05-13T04:42:34.5Z',
    version: 'W/"3694e05e9dff590"',
  },
};

const isMatch = (filter: string) => matches(parseFilter(filter, user), resource);

describe('a filter', () => {
  it.each<[filter: string, isMatch: boolean]>([
    // Examples of RFC 7644 §3.4.2.2.
    ['userName eq "bjensen@example.com"', true],
    [`name.familyName co "O'Malley"`, true],
    ['userName sw "J"', false],
    [`${userUrn}:userName sw "J"`, false],
    [`${userUrn}:userName sw "B"`, true],
    ['title pr', true],
    ['meta.lastModified gt "2011-05-13T04:42:34Z"', true],
    ['meta.lastModified ge "2011-05-13T04:42:34Z"', true],
    ['meta.lastModified lt "2011-05-13T04:42:34Z"', false],
    ['meta.lastModified le "2011-05-13T04:42:34Z"', false],
    ['title pr and userType eq "Employee"', true],
    ['title pr or userType eq "Intern"', true],
    [`schemas eq "${enterpriseUserUrn}"`, true],
    ['userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")', true],
    [
      'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")',
      false,
    ],
    ['userType eq "Employee" and (emails.type eq "work")', true],
    ['userType eq "Employee" and emails[type eq "work" and value co "@example.com"]', true],
    [
      'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
      true,
    ],
    // Operators.
    ['title eq "vice president"', true],
    ['title ne "vice president"', false],
    ['title co "E P"', true],
    ['title sw "vice"', true],
    ['title ew "dent"', true],
    ['title ew "vice"', false],
    ['title gt "vice"', true],
    ['title ge "vice president"', true],
    ['title lt "W"', true],
    ['title le "vice"', false],
    // Precedence and parentheses.
    ['title pr or title pr and nickName pr', true],
    ['(title pr or title pr) and nickName pr', false],
    ['nickName pr and title pr or title pr', true],
    ['not (title pr) or title pr', true],
    ['not(nickName pr)', true],
    ['not (not (title pr))', true],
    ['((title pr))', true],
    // Case of names, operators and literals.
    ['USERNAME EQ "BJENSEN@EXAMPLE.COM" AND TITLE PR', true],
    ['Name.FamilyName Co "o\'malley"', true],
    ['active eq TRUE', true],
    [`${enterpriseUserUrn.toUpperCase()}:Department eq "sales"`, true],
    // Values compared exactly.
    ['externalId eq "Jyoung"', true],
    ['externalId eq "jyoung"', false],
    ['id eq "2819C223-7f76-453a-919d-413861904646"', false],
    // Absent and empty values.
    ['nickName pr', false],
    ['roles pr', false],
    ['profileUrl pr', false],
    ['profileUrl ne "x"', true],
    ['profileUrl eq null', true],
    ['title eq null', false],
    ['title ne null', true],
    ['name pr', true],
    ['name.middleName pr', false],
    ['emails pr', true],
    ['profileUrl lt "x"', false],
    // Any value, and the same value.
    ['emails.type eq "work" and emails.value eq "babs@jensen.org"', true],
    ['emails[type eq "work" and value eq "babs@jensen.org"]', false],
    ['emails[type eq "home" and value eq "BABS@jensen.org"]', true],
    ['emails[not (type eq "work")]', true],
    ['emails[primary eq true]', true],
    ['emails[type ne "work" and primary pr]', false],
    ['emails eq "babs@jensen.org"', true],
    ['emails ne "babs@jensen.org"', false],
    ['emails.type ne "fax"', true],
    // Entra ID.
    ['emails[type eq "work"].value eq "bjensen@example.com"', true],
    ['emails[type eq "home"].value eq "bjensen@example.com"', false],
    ['emails[type eq "home"].value ne "bjensen@example.com"', true],
    ['externalId eq Jyoung', true],
    ['active eq "True"', true],
    ['active eq "False"', false],
    ['active ne false', true],
    ['manager eq "u2"', true],
    ['manager.value eq "u2" and id eq "2819c223-7f76-453a-919d-413861904646"', true],
    ['department eq "Sales"', true],
    [`${enterpriseUserUrn}:manager.displayName eq "bo"`, true],
    ['meta.Created gt 2009-10-10T14:38:21.8617979-07:00', true],
    // Times.
    ['meta.created eq "2010-01-23T05:56:22.000+01:00"', true],
    ['meta.created eq "2010-01-23T04:56:22"', true],
    ['meta.created gt "2010-01-23"', true],
    ['meta.lastModified eq "2011-05-13T04:42:34.500000000Z"', true],
    ['meta.lastModified gt "2011-05-13T04:42:34.4999999Z"', true],
    ['meta.lastModified lt "2011-05-13T04:42:34.5000001Z"', true],
    ['meta.version sw "W/"', true],
    // Escapes, Unicode and equivalent addresses.
    [String.raw`displayName co "\\ \"q\""`, true],
    [String.raw`displayName sw "stra\u00dfe"`, true],
    ['displayName sw "STRASSE"', true],
    ['emails eq "BJ@xn--mnchen-3ya.example"', true],
    ['groups.value eq "g1"', true],
    ['groups.display co "tour"', true],
    ['  title   pr  ', true],
  ])('%s', (filter, expected) => {
    expect(isMatch(filter)).toBe(expected);
  });

  it.each<[filter: string, quirks: string[]]>([
    ['userName eq "x"', []],
    ['externalId eq 4711', ['unquoted-value']],
    ['active eq "true"', ['text-boolean']],
    ['manager eq "u2"', ['extension-attribute-without-urn']],
    ['emails[type eq "work"].value eq "x"', ['filtered-sub-attribute']],
    ['urn:scim:schemas:core:1.0:userName eq "x"', ['schema-alias']],
  ])('%s has the quirks %j', (filter, quirks) => {
    const log = createRecordedLog();
    parseFilter(filter, user, log);
    expect(log.quirks).toEqual(quirks);
  });
});

describe('a filter is rejected', () => {
  it.each<[filter: string, problem: string]>([
    ['', 'at character 1: expected the name of an attribute'],
    ['abcd', 'abcd is not a known attribute'],
    ['userName', 'expected a space and an operator'],
    ['userName eq', 'expected a value'],
    ['userName eq ', 'expected a value'],
    ['userName is "x"', 'expected an operator: eq,'],
    ['userName eq"x"', 'expected a value'],
    ['userName eq "x', 'expected a closing quote'],
    [String.raw`userName eq "\x"`, 'expected a JSON string'],
    ['userName eq "x" or', 'expected the name of an attribute'],
    ['userName eq "x" title pr', 'at character 17: expected and, or, or the end'],
    ['userName eq x y', 'expected and, or, or the end'],
    ['(title pr', 'expected )'],
    ['title pr)', 'expected and, or, or the end'],
    ['not title pr', 'expected ( after not'],
    ['emails[type eq "work"', 'expected ]'],
    ['emails[type eq "work"].size eq 1', 'size is not a sub-attribute of emails'],
    ['emails[emails[type pr]]', 'emails is not a known attribute'],
    ['emails[value[type pr]]', 'value has no values to filter'],
    ['userName[value eq "x"]', 'userName has no values to filter'],
    ['emails.value[type pr]', 'emails has no values to filter'],
    ['password eq "x"', 'password cannot be compared'],
    ['Password pr', 'Password cannot be compared'],
    ['active gt true', 'active cannot be compared by gt'],
    ['active co "t"', 'active cannot be compared by co'],
    ['active eq 1', 'active must be true or false'],
    ['meta.created co "2010"', 'created cannot be compared by co'],
    ['meta.created gt "yesterday"', 'created must be a time'],
    ['meta.created gt "2010-01-23T04:56:22.Z"', 'created must be a time'],
    ['x509Certificates.value gt "A"', 'value cannot be compared by gt'],
    ['title gt null', 'null can be compared only by eq and ne'],
    ['name eq "x"', 'name has several parts'],
    ['__proto__ pr', '__proto__ is not a known attribute'],
    ['constructor.prototype eq "x"', 'constructor.prototype is not a known attribute'],
    ['name.constructor pr', 'name.constructor is not a known attribute'],
    ['urn:example:x:userName eq "x"', 'is not a known attribute'],
    [`${enterpriseUserUrn} pr`, 'is not a known attribute'],
    [Array(65).fill('title pr').join(' and '), 'must have at most 64 terms'],
    ['('.repeat(33) + 'title pr' + ')'.repeat(33), 'must have at most 32 levels'],
    ['not ('.repeat(33), 'must have at most 32 levels'],
    ['('.repeat(8192), 'must have at most 32 levels'],
    ['a['.repeat(4000), 'is not a known attribute'],
    ['\\'.repeat(8192), 'is not a known attribute'],
    ['"'.repeat(8192), 'expected the name of an attribute'],
    [`title eq "${'x'.repeat(8192)}"`, 'must have at most 8192 bytes'],
    [`title eq "${'ä'.repeat(4091)}"`, 'must have at most 8192 bytes'],
  ])('%s', (filter, problem) => {
    expect(() => parseFilter(filter, user)).toThrow(
      expect.objectContaining({
        code: 'invalid_filter',
        message: expect.stringContaining(problem),
      }),
    );
  });

  it('does not repeat a value or a long name', () => {
    expect(() => parseFilter('title eq "secret" x', user)).toThrow(/^(?!.*secret)/);
    expect(() => parseFilter('x'.repeat(8000), user)).toThrow(/^.{0,200}$/);
  });

  it('accepts the limits', () => {
    expect(isMatch(Array(64).fill('title pr').join(' and '))).toBe(true);
    expect(isMatch('('.repeat(32) + 'title pr' + ')'.repeat(32))).toBe(true);
    expect(isMatch(`title eq "${'x'.repeat(8181)}"`)).toBe(false);
  });
});

describe('the key of a filter', () => {
  it.each<[filter: string, by: string | undefined, value?: string]>([
    ['id eq "u1"', 'id', 'u1'],
    ['userName eq "Ada"', 'userName', 'Ada'],
    ['externalId eq "7"', 'externalId', '7'],
    ['externalId eq 4711', 'externalId', '4711'],
    ['emails eq "a"', 'email', 'a'],
    ['emails.value eq "a"', 'email', 'a'],
    ['emails[type eq "work" and value eq "a"]', 'email', 'a'],
    ['emails[type eq "work"].value eq "a"', 'email', 'a'],
    ['groups.value eq "g1"', 'group', 'g1'],
    ['groups[value eq "g1"]', 'group', 'g1'],
    ['title pr and (active eq true and userName eq "Ada")', 'userName', 'Ada'],
    ['emails.value eq "a" and id eq "u1"', 'id', 'u1'],
    ['emails.type eq "work"', undefined],
    ['userName sw "A"', undefined],
    ['userName ne "A"', undefined],
    ['userName eq null', undefined],
    ['not (userName eq "Ada")', undefined],
    ['userName eq "Ada" or title pr', undefined],
    ['displayName eq "Ada"', undefined],
    ['manager eq "u2"', undefined],
  ])('%s is %s', (filter, by, value) => {
    expect(findKeyLookup(parseFilter(filter, user))).toEqual(by && { by, value });
  });

  it.each([
    ['displayName eq "Sales"', 'displayName'],
    ['members.value eq "Sales"', 'member'],
    ['members eq "Sales" and title pr', undefined],
  ])('of groups: %s is %s', (filter, by) => {
    const find = () => findKeyLookup(parseFilter(filter, buildGroupSchema()));
    if (by === undefined) expect(find).toThrow('title is not a known attribute');
    else expect(find()).toEqual({ by, value: 'Sales' });
  });
});

it('names the attributes of a filter', () => {
  const filter = parseFilter('title pr and not (emails[type eq "x"] or active eq true)', user);
  const names = ['title', 'emails', 'active', 'type', 'userName'];
  expect(names.filter((name) => mentionsAttribute(filter, name))).toEqual(names.slice(0, 3));
});
