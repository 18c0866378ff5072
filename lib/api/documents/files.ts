/** Files of the documents function. It serves no others. Pure data, like the routes. */
export interface Document {
  readonly name: string;
  /** Value of `Content-Type`. */
  readonly type: string;
}

export const openapiDocument: Document = { name: 'openapi.json', type: 'application/json' };
/** All event types, with the JSON Schemas of their data. */
export const eventTypesDocument: Document = {
  name: 'event-types.json',
  type: 'application/json',
};
export const docsPage: Document = { name: 'index.html', type: 'text/html; charset=utf-8' };

export const scalarFile: Document = { name: 'scalar.js', type: 'text/javascript; charset=utf-8' };

/** Files of the API reference, served from `/docs/{file}`. */
export const docsFiles: readonly Document[] = [
  { name: 'docs.js', type: 'text/javascript; charset=utf-8' },
  { name: 'docs.css', type: 'text/css; charset=utf-8' },
  scalarFile,
];

/** Page on which a user chooses a password by an invitation or reset link. */
export const acceptPage: Document = { name: 'password.html', type: 'text/html; charset=utf-8' };

/** Page for confirming an email. */
export const confirmPage: Document = { name: 'confirm.html', type: 'text/html; charset=utf-8' };

/** Page for verifying an email. */
export const verifyPage: Document = { name: 'verify.html', type: 'text/html; charset=utf-8' };

/**
 * Files of the pages that email links open, served from `/accept/{file}`. The pages load the
 * list of common passwords after the user types a password.
 */
export const acceptFiles: readonly Document[] = [
  { name: 'accept.js', type: 'text/javascript; charset=utf-8' },
  { name: 'common-passwords.js', type: 'text/javascript; charset=utf-8' },
  { name: 'confirm.js', type: 'text/javascript; charset=utf-8' },
  { name: 'verify.js', type: 'text/javascript; charset=utf-8' },
  { name: 'accept.css', type: 'text/css; charset=utf-8' },
];
