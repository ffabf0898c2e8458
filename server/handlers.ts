import { oauthApps } from './oauth-apps/handlers.ts';
import type { Handlers } from './operation-types.ts';
import type { HandlerDeps } from './resource/handler-deps.ts';

/** Creates the handlers of all operations: those of each resource, joined. */
export const createHandlers = (deps: HandlerDeps): Handlers => ({ ...oauthApps(deps) });
