/** What the server says when it is ready. */
export interface Welcome {
  readonly url: string;
  /** Where everything is kept, in words that may be shown. */
  readonly database: string;
  /** Set at the one start that minted a token. */
  readonly mintedToken?: string;
  /** Where the caller's token comes from, unless it was minted: the environment, an earlier start, or a command. */
  readonly tokenFrom: 'environment' | 'first start' | 'command';
  /** Whether the docs page was built. */
  readonly hasDocs: boolean;
  /** A body to create an app with, as the description's example has it. */
  readonly example: unknown;
}

const aboutTokens: Record<Welcome['tokenFrom'], string> = {
  environment: 'The API token is the one in API_TOKEN. In another terminal, set it there too:',
  'first start': 'The API token is the one shown at the first start. Set it, or start with API_TOKEN=<your own>:',
  command: '`oauth-apps token create --scopes read,write,reveal` makes an API token. Set it:',
};

/** The words for a terminal: where things are, and a command that works as pasted. */
export function renderWelcome({ url, database, mintedToken, tokenFrom, hasDocs, example }: Welcome): string {
  const token = mintedToken ?? '$API_TOKEN';
  const aboutToken = mintedToken ? `Your API token, shown this one time:  ${mintedToken}` : aboutTokens[tokenFrom];
  const setToken = mintedToken ? '' : '\n  export API_TOKEN=<token>';
  return `
The server is ready.

  API    ${url}/v1/oauth-apps
  Docs   ${hasDocs ? `${url}/docs` : 'not built; `npm run docs` builds the page'}
  Data   ${database}

${aboutToken}${setToken}

  curl --request POST \\
    --url ${url}/v1/oauth-apps \\
    --header "Authorization: Bearer ${token}" \\
    --header 'Content-Type: application/json' \\
    --data '${JSON.stringify(example)}'
`;
}
