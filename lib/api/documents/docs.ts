import * as z from 'zod';
import type { OperationContent, ResourceDoc } from '../operation-doc.ts';
import {
  acceptFiles,
  acceptPage,
  confirmPage,
  type Document,
  docsFiles,
  docsPage,
  openapiDocument,
  verifyPage,
} from './files.ts';

const serve = (...response: readonly Document[]): OperationContent => ({
  response,
  responseDescription: 'The file.',
});

const serveOneOf = (files: readonly Document[]): OperationContent => ({
  ...serve(...files),
  parameter: { name: 'file', description: 'Name of the file.', example: files[0]?.name ?? '' },
  responseDescription: 'The file.',
  errors: { not_found: { text: 'the file does not exist' } },
});

/** OpenAPI texts of the documents and pages. */
export const serviceDoc: ResourceDoc<
  | 'getHealth'
  | 'getOpenapi'
  | 'getDocs'
  | 'getDocsFile'
  | 'getAcceptPage'
  | 'getResetPage'
  | 'getConfirmPage'
  | 'getVerifyPage'
  | 'getAcceptFile'
> = {
  name: 'Service',
  description:
    'Health check, API reference and the pages that email links open. No token is required.',
  operations: {
    getHealth: {
      summary: 'Check the service',
      description: 'Confirms that requests reach a function, for uptime probes. Reads no table.',
      content: () => ({
        response: {
          schema: z.strictObject({ status: z.literal('ok') }),
          example: { status: 'ok' },
        },
        responseDescription: 'The service responds.',
      }),
    },
    getOpenapi: {
      summary: 'Get this OpenAPI document',
      description: 'Returns the OpenAPI 3.1 document of this API.',
      content: () => serve(openapiDocument),
    },
    getDocs: {
      summary: 'Open the API reference',
      description: 'Serves this document as a web page.',
      content: () => serve(docsPage),
    },
    getDocsFile: {
      summary: 'Get an API reference file',
      description: 'Serves the scripts and styles of the API reference.',
      content: () => serveOneOf(docsFiles),
    },
    getAcceptPage: {
      summary: 'Open the invitation page',
      description:
        'Serves the page of an invitation link, where the user chooses a password. The token is in the fragment of the link, which browsers do not send. Opening the page does not use the link.',
      content: () => serve(acceptPage),
    },
    getResetPage: {
      summary: 'Open the password reset page',
      description:
        'Serves the page of a reset link, where the user chooses a new password. The token is in the fragment of the link, which browsers do not send. Opening the page does not use the link.',
      content: () => serve(acceptPage),
    },
    getConfirmPage: {
      summary: 'Open the confirmation page',
      description:
        'Serves the page of a confirmation link. The account holder signs in there with a password and confirms the email. The token is in the fragment of the link, which browsers do not send. Opening the page does not use the link.',
      content: () => serve(confirmPage),
    },
    getVerifyPage: {
      summary: 'Open the verification page',
      description:
        'Serves the page of a verification link. The user confirms there, without a sign-in, that the email is theirs. The token is in the fragment of the link, which browsers do not send. Opening the page does not use the link.',
      content: () => serve(verifyPage),
    },
    getAcceptFile: {
      summary: 'Get a link page file',
      description: 'Serves the scripts and styles of the pages that email links open.',
      content: () => serveOneOf(acceptFiles),
    },
  },
};
