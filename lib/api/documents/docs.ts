import type { OperationWords } from '../../../infra/build/openapi/operations.ts';

/** What the document says of the documents and the pages. */
export const documentWords = {
  getHealth: {
    summary: 'Check that the service answers',
    description: 'For uptime probes. Confirms that requests reach a function. It reads no table.',
  },
  getOpenapi: { summary: 'Get this document', description: 'The OpenAPI description of this API.' },
  getDocs: {
    summary: 'Read this document',
    description: 'This document as a page to read and try.',
  },
  getDocsFile: {
    summary: 'Get a file of that page',
    description: 'Scripts and styles of the page; it loads nothing from anywhere else.',
  },
  getAcceptPage: {
    summary: 'Open the page of an invitation',
    description:
      'Where the link in an invitation leads: an invited person chooses a password there. The token of the invitation stands behind the `#` of the link, which no browser sends, and opening the page uses nothing up.',
  },
  getResetPage: {
    summary: 'Open the page for a new password',
    description:
      'Where the link for a new password leads. The token stands behind the `#` of the link, which no browser sends, and opening the page uses nothing up.',
  },
  getConfirmPage: {
    summary: 'Open the confirmation page',
    description:
      'Serves the page of a confirmation link. The account holder signs in there with a password and confirms the email. The token is in the fragment of the link, which browsers do not send. Opening the page does not use the link.',
  },
  getAcceptFile: {
    summary: 'Get a file of the page of an invitation',
    description: 'Scripts and styles of the page; it loads nothing from anywhere else.',
  },
} satisfies OperationWords;
