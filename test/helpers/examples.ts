import type { CreateOAuthApp, OAuthApp, UpdateOAuthApp } from '../../generated/types.ts';
import { description } from './server.ts';

interface Examples {
  CreateOAuthApp: CreateOAuthApp;
  UpdateOAuthApp: UpdateOAuthApp;
  OAuthApp: OAuthApp;
}

/** Returns a copy of a named example of the description. */
export function example<Name extends keyof Examples>(name: Name): Examples[Name] {
  return structuredClone(JSON.parse(description).components.examples[name].value);
}
