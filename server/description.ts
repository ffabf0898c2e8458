import bundle from '../generated/openapi.json' with { type: 'json' };

/** A description as a JSON object, with the parts that the server reads. */
export interface Description {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, object>>;
  readonly components: {
    readonly examples: Readonly<Record<string, { readonly value?: unknown }>>;
    readonly [kind: string]: Readonly<Record<string, unknown>>;
  };
}

/** The bundle, `generated/openapi.json`. All modules share it, so none may change it. */
export const description: Description = bundle;
