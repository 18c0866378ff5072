/**
 * Requests of Credible's Terraform provider. The sequences in `test/vectors/credible/terraform/`
 * are the steps of `apply`, `plan`, `import` and `destroy`: a plan without differences needs the
 * values of the last apply.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { unique } from '../../support/dialects/dialects.ts';
import { createStage } from '../../support/dialects/stage.ts';
import { assertSequence, readSequences } from '../../support/dialects/steps.ts';
import type { TestRequest } from '../../support/service.ts';

const stage = await createStage();
const { system: token } = stage.tokens;
const suffix = stage.tenantHost?.replace(/^[^.]+\./, '');

/** Organization with two users and an API key of an administrator. */
async function createOrganization() {
  const organization = `tf-${unique()}`;
  const host = `${organization}.${suffix}`;
  const post = async (path: string, body: object, sent: TestRequest = { host }) => {
    const response = await stage.send('POST', path, { token, body, ...sent });
    expect(response).toMatchObject({ status: 201 });
    return response.body;
  };
  await post('/credible/api/v0/organizations', { name: organization }, {});
  const createUser = async (userName: string, email: string) => {
    await post('/credible/api/v0/users', { userName: `${userName}-${organization}`, email });
    return { [userName]: email, [`${userName}Escaped`]: encodeURIComponent(email) };
  };
  const { secret } = await post('/v1/app-clients', {
    name: 'Terraform',
    roleIds: ['cradl:role:admin'],
  });
  return {
    headers: { authorization: `ApiKey ${secret}` },
    values: {
      organization,
      ...(await createUser('alice', `alice.${organization}+tf@example.com`)),
      ...(await createUser('bob', `bob.${organization}@example.com`)),
    },
  };
}

describe.skipIf(token === undefined || suffix === undefined)('the Terraform provider', () => {
  let client: Awaited<ReturnType<typeof createOrganization>>;
  beforeAll(async () => void (client = await createOrganization()));

  describe.each(['organization', 'organization-permission', 'group', 'group-member'])(
    '%s',
    (resource) => {
      it.each(readSequences(`credible/terraform/${resource}`))('$title', (sequence) =>
        assertSequence(sequence, client, stage),
      );
    },
  );
});
