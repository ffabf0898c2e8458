import { description } from '../description.ts';
import { describeDatabase } from '../store/database-url.ts';

/** The facts that the banner shows. */
export interface BannerFacts {
  readonly url: string;
  readonly databaseUrl: string;
  /** Set only at the start that minted a token. */
  readonly mintedToken?: string;
  /** The origin of the token, unless it was minted: the environment, an earlier start, or a command. */
  readonly tokenFrom: 'environment' | 'published pages' | 'first start' | 'command';
  /** Whether the docs page was built. */
  readonly hasDocs: boolean;
}

const aboutTokens: Record<BannerFacts['tokenFrom'], string> = {
  environment: 'The API token is the one in API_TOKEN. In another terminal, set it there too:',
  'published pages':
    'Warning: API_TOKEN is the placeholder of the published pages. Every user of this machine can use the API.\n\nIn another terminal, set it there too:',
  'first start': 'The API token is the one shown at the first start. Set it, or start with API_TOKEN=<your own>:',
  command: '`oauth-apps token create --scopes read,write,reveal` makes an API token. Set it:',
};

/** Renders the text that the server prints when it is ready: its URLs, and a command that works as pasted. */
export function renderBanner({ url, databaseUrl, mintedToken, tokenFrom, hasDocs }: BannerFacts): string {
  const token = mintedToken ?? '$API_TOKEN';
  const aboutToken = mintedToken ? `Your API token, shown this one time:  ${mintedToken}` : aboutTokens[tokenFrom];
  const setToken = mintedToken ? '' : '\n  export API_TOKEN=<token>';
  const example = description.components.examples.CreateOAuthApp?.value;
  return `
The server is ready.

  API    ${url}/v1/oauth-apps
  Docs   ${hasDocs ? `${url}/docs` : 'not built; `npm run docs` builds the page'}
  Data   ${describeDatabase(databaseUrl)}

${aboutToken}${setToken}

  curl --request POST \\
    --url ${url}/v1/oauth-apps \\
    --header "Authorization: Bearer ${token}" \\
    --header 'Content-Type: application/json' \\
    --data '${JSON.stringify(example)}'
`;
}
