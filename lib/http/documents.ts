/** The documents that are served, with their media types: nothing else is, whatever a path says. Pure data, like the routes. */
export const openapiDocument = { name: 'openapi.json', type: 'application/json' } as const;
export const docsPage = { name: 'index.html', type: 'text/html; charset=utf-8' } as const;

/** What the page loads, from `/docs/{file}`. */
export const docsFiles: readonly { readonly name: string; readonly type: string }[] = [
  { name: 'docs.js', type: 'text/javascript; charset=utf-8' },
  { name: 'swagger-ui-bundle.js', type: 'text/javascript; charset=utf-8' },
  { name: 'swagger-ui.css', type: 'text/css; charset=utf-8' },
];
