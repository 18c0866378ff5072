import { expect, it } from 'vitest';
import { auditTables } from '../../support/database/table-audit.ts';
import {
  createFaultyService,
  deadlineAfterFaults,
  dropRequest,
  dropResponse,
} from '../../support/faults/fault-proxy.ts';
import { createScimClient } from '../../support/scim/scim-client.ts';
import { createScimUsers } from '../../support/scim/scim-users.ts';

const { database, service } = await createFaultyService({ attempts: 1, ...deadlineAfterFaults });

it.each([
  ['before', dropRequest],
  ['after', dropResponse],
])(
  'a crash %s the effect of any database request leaves a SCIM user complete or absent',
  async (moment, fault) => {
    database.isWell();
    const client = await createScimClient(service);
    const users = createScimUsers(service, client);
    let reached = true;
    let point = 0;
    let created = 0;
    while (reached) {
      point += 1;
      reached = false;
      const fields = {
        userName: `u${point}.${moment}@x.org`,
        externalId: `e${point}`,
        emails: [{ value: `u${point}@x.org`, primary: true }, { value: `home${point}@x.org` }],
      };
      database.goesWrong((_sent, n) => {
        reached ||= n === point;
        if (n < point) return undefined;
        return n === point ? fault : dropRequest;
      });
      await users.post(fields);
      database.isWell();
      const before = await users.list(`filter=externalId eq "${fields.externalId}"`);
      created += before.body.totalResults;

      const again = await users.post(fields);

      const [user] = before.body.Resources;
      expect([again.status, again.headers['location']]).toEqual(
        user ? [409, user.meta.location] : [201, again.body.meta?.location],
      );
      const after = await users.list(`filter=emails eq "home${point}@x.org"`);
      expect(after.body).toMatchObject({ totalResults: 1, Resources: [fields] });
    }
    // The create wrote the user at some points, and not at others.
    expect([point > 5, created > 0, created < point]).toEqual([true, true, true]);
    const { missing, stray } = await auditTables(service);
    expect([missing, stray]).toEqual([[], []]);
  },
);
