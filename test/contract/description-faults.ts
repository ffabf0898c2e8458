/** A fault that an author of the description could make, and the rule that reports it. */
export interface Fault {
  /** The fault, as a noun phrase. */
  name: string;
  rule: string;
  /** The reported location: a file under openapi/ and a pointer into it. */
  at: string;
  /** The text to replace. */
  from: string;
  /** The replacement. @default '' */
  to?: string;
  /** The file of the replacement under openapi/. @default the file of `at` */
  file?: string;
}

const collection = 'paths/v1_oauth-apps.yaml';
const single = 'paths/v1_oauth-apps_{id}.yaml';
const components = 'components';
const documented = 'x-provenance: documented';

const exampleRef = (example: string) => `    examples:\n      ${example}:\n        $ref: ../examples/${example}.yaml\n`;

const provenance: Omit<Fault, 'rule'>[] = [
  { name: 'an operation without provenance', at: `${collection}#/get`, from: documented },
  { name: 'a parameter without provenance', at: `${components}/parameters/ProviderFilter.yaml#/`, from: documented },
  {
    name: 'a header without provenance',
    at: `${components}/headers/RequestId.yaml#/`,
    from: 'x-provenance: extension',
  },
  {
    name: 'a response without provenance',
    at: `${components}/responses/Unavailable.yaml#/`,
    from: 'x-provenance: extension',
  },
  {
    name: 'a property without provenance',
    at: `${components}/schemas/Health.yaml#/properties/time`,
    from: 'x-provenance: inferred',
  },
  {
    name: 'a property by reference without provenance',
    at: `${components}/schemas/CreateOAuthApp.yaml#/properties/provider`,
    from: documented,
  },
  {
    name: 'an unknown provenance',
    at: `${components}/schemas/OAuthAppList.yaml#/properties/data`,
    from: 'x-provenance: documented',
    to: 'x-provenance: guessed',
  },
];

const examples: Omit<Fault, 'rule'>[] = [
  {
    name: 'a request body without an example',
    at: `${single}#/patch/requestBody/content/application~1json`,
    from: '        examples:\n          NameAndMetadata:',
    to: '        x-shelved:\n          NameAndMetadata:',
  },
  {
    name: 'a response without an example',
    at: `${components}/responses/NotFound.yaml#/content/application~1problem+json`,
    from: exampleRef('NotFound'),
  },
  {
    name: 'a header without an example',
    at: `${components}/headers/Allow.yaml#/`,
    from: 'examples:\n  Allow:\n    $ref: ../examples/Allow.yaml\n',
  },
];

const problems: Omit<Fault, 'rule'>[] = [
  {
    name: 'a problem response that is not shared',
    at: `${collection}#/get/responses/405`,
    from: '$ref: ../components/responses/CollectionMethodNotAllowed.yaml',
    to: 'description: A response of its own.',
  },
  {
    name: 'a problem with another media type',
    at: `${collection}#/post/responses/413`,
    file: `${components}/responses/ContentTooLarge.yaml`,
    from: 'application/problem+json',
    to: 'application/json',
  },
  {
    name: 'a problem with another schema',
    at: `${collection}#/post/responses/415`,
    file: `${components}/responses/UnsupportedMediaType.yaml`,
    from: 'Problem.yaml',
    to: 'Metadata.yaml',
  },
];

const naming: Fault[] = [
  {
    name: 'an operationId without a verb',
    rule: 'rule/operation-id-is-verb-noun',
    at: `${collection}#/post/operationId`,
    from: 'createOAuthApp',
    to: 'OAuthAppCreation',
  },
  {
    name: 'a summary in title case',
    rule: 'rule/summary-is-sentence-case',
    at: `${single}#/patch/summary`,
    from: 'Update an OAuth app',
    to: 'Update An OAuth App',
  },
  {
    name: 'a property in camel case',
    rule: 'rule/properties-are-snake-case',
    at: `${components}/schemas/UpdateOAuthApp.yaml#/properties/isArchived`,
    from: 'properties:\n',
    to: 'properties:\n  isArchived:\n    type: boolean\n    x-provenance: extension\n',
  },
  {
    name: 'a query parameter in camel case',
    rule: 'rule/parameters-are-snake-case',
    at: `${components}/parameters/TruncateSecrets.yaml#/name`,
    from: 'truncate_secrets',
    to: 'truncateSecrets',
  },
  {
    name: 'an example that violates its schema',
    rule: 'no-invalid-media-type-examples',
    at: `${components}/examples/CreateOAuthApp.yaml#/value/provider`,
    from: 'stripe',
    to: 'myspace',
  },
];

const extensions: Fault[] = [
  {
    name: 'a secret that is sent without a mark',
    rule: 'contract/secret-marked',
    at: `${components}/schemas/CreateOAuthApp.yaml#/properties/client_secret`,
    from: '    x-secret: true\n',
  },
  {
    name: 'a secret that is shown without a mask',
    rule: 'contract/secret-marked',
    at: `${components}/schemas/OAuthApp.yaml#/properties/client_secret`,
    from: "      mask: '**********'\n",
  },
  {
    name: 'a query parameter that says nothing of filters',
    rule: 'contract/filter-named',
    at: `${components}/parameters/Limit.yaml#/`,
    from: 'x-filters: false\n',
  },
  {
    name: 'a reference to no collection',
    rule: 'contract/reference-exists',
    at: `${components}/schemas/CreateOAuthApp.yaml#/properties/client_id`,
    from: '  client_id:\n',
    to: '  client_id:\n    x-refers-to: clients\n',
  },
  {
    name: 'an array of a request without a limit',
    rule: 'contract/array-limited',
    at: `${components}/schemas/CreateOAuthApp.yaml#/properties/tags`,
    from: '  client_id:\n',
    to: '  tags:\n    type: array\n    items:\n      type: string\n    x-provenance: extension\n  client_id:\n',
  },
];

const withRule = (rule: string, faults: Omit<Fault, 'rule'>[]): Fault[] => faults.map((fault) => ({ rule, ...fault }));

/** One fault of each kind, at locations that do not hide each other. All of them are seeded into one description. */
export const seededFaults: Fault[] = [
  ...withRule('contract/provenance', provenance),
  ...withRule('contract/example-present', examples),
  ...withRule('contract/shared-problems', problems),
  ...naming,
  ...extensions,
];
