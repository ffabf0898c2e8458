const problems = {
  ...{ 400: 'MalformedRequest', 405: 'MethodNotAllowed', 408: 'RequestTimeout', 422: 'InvalidParameters' },
  ...{ 429: 'TooManyRequests', 431: 'HeadersTooLarge', 500: 'ServerFault', 503: 'Unavailable' },
};

/** The path `/v1/status` in YAML, as an author would add it: `GET` needs no token and responds with text. */
export const statusOperation = `get:
  operationId: getStatus
  tags: [OAuth apps]
  summary: Get the status
  description: Returns \`up\`.
  x-provenance: extension
  security: []
  responses:
    '200':
      description: The server is up.
      headers:
        X-Request-Id:
          $ref: ../components/headers/RequestId.yaml
      x-provenance: extension
      content:
        text/plain:
          schema:
            type: string
          examples:
            Up:
              value: up
${Object.entries(problems)
  .map(([code, name]) => `    '${code}':\n      $ref: ../components/responses/${name}.yaml\n`)
  .join('')}`;
