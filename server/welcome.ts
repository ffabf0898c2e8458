/** What the server says when it is ready. */
export interface Welcome {
  readonly url: string;
  readonly databaseUrl: string;
  /** Set at the one start that minted a token. */
  readonly mintedToken?: string;
  /** Whether the environment names the token. */
  readonly hasApiToken: boolean;
}

/** The words for a terminal: where things are, and a command that works as pasted. */
export function renderWelcome({ url, databaseUrl, mintedToken, hasApiToken }: Welcome): string {
  const token = mintedToken ?? '$API_TOKEN';
  const aboutToken = mintedToken
    ? `Your API token, shown this one time:  ${mintedToken}`
    : hasApiToken
      ? 'The API token is the one in API_TOKEN. In another terminal, set it there too:'
      : 'The API token is the one shown at the first start. Set it, or start with API_TOKEN=<your own>:';
  const setToken = mintedToken ? '' : '\n  export API_TOKEN=<token>';
  return `
The server is ready.

  API    ${url}/v1/oauth-apps
  Docs   ${url}/docs
  Data   ${databaseUrl}

${aboutToken}${setToken}

  curl --request POST \\
    --url ${url}/v1/oauth-apps \\
    --header "Authorization: Bearer ${token}" \\
    --header 'Content-Type: application/json' \\
    --data '{
      "provider": "stripe",
      "client_id": "db97a4eb-f488-46c8-b1a7-78be3d8380d1",
      "client_secret": "e8c22f21-3455-4ad5-ae1e-76bee847dec9",
      "name": "Arakkis - Stripe",
      "metadata": { "custom_property": 42 }
    }'
`;
}
