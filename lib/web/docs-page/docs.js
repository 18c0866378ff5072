// The page may load nothing from elsewhere, so the validator badge, which is an image of another host, is off.
SwaggerUIBundle({
  url: 'openapi.json',
  domNode: document.getElementById('docs'),
  validatorUrl: null,
  deepLinking: true,
});
