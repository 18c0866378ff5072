import { linkInspection } from './inspection.ts';
import type { Shape } from '../operation-doc.ts';

/** As long as a real one, and by its first letters of the format that they have. */
export const linkToken = `AS${'ExampleOnly'.repeat(8)}Ex`;
const email = 'jsmith@example.com';

/** What looking at a link takes and gives, whatever it is for. `expiresTime` is ISO 8601. */
export const linkInspectionShape = (expiresTime: string, done: string): Shape => ({
  request: { schema: linkInspection.inspectInput, example: { token: linkToken } },
  answer: {
    schema: linkInspection.response,
    example: {
      status: 'pending',
      email,
      name: 'Jane Smith',
      tenant: { name: 'Acme' },
      identity: null,
      locale: 'en',
      expiresTime,
      password: { minimumLength: 15, mustNotContain: [email, 'jsmith', 'acme'] },
    },
  },
  done,
});
