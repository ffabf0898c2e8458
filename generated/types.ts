// Generated from openapi/ by `npm run generate`. Do not edit.

/**
 * The paths of the description, in the shape of openapi-typescript.
 * @example const path: keyof paths = "/v1/oauth-apps";
 */
export interface paths {
    "/v1/oauth-apps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List OAuth apps
         * @description This endpoint lists all the OAuth apps in your account, newest last. Filters combine with AND.
         *     Secrets are masked unless `truncate_secrets=false`.
         *
         *     With `limit`, the list comes in pages. A page has `next_cursor` when another page follows. An OAuth app that is
         *     created or deleted between two requests neither duplicates nor hides another.
         */
        get: operations["listOAuthApps"];
        put?: never;
        /**
         * Create an OAuth app
         * @description This endpoint creates an OAuth app. Each request creates one: there is no uniqueness rule and no upsert.
         *     The secret is stored encrypted and is masked in the response.
         *
         *     With an `Idempotency-Key`, a repeated request creates no second OAuth app. The number of OAuth apps per account is
         *     limited (1,000 by default).
         */
        post: operations["createOAuthApp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/oauth-apps/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an OAuth app
         * @description This endpoint gets a single OAuth app. The secret is always masked.
         */
        get: operations["getOAuthApp"];
        put?: never;
        post?: never;
        /**
         * Delete an OAuth app
         * @description Deletes the OAuth app and its secret permanently. Later requests for its ID get 404.
         */
        delete: operations["deleteOAuthApp"];
        options?: never;
        head?: never;
        /**
         * Update an OAuth app
         * @description Replaces the fields that are present, each as a whole (`metadata` too), and leaves the others unchanged. An empty object changes nothing, and needs the scope `read` as well. `provider` and `client_id` cannot be changed.
         */
        patch: operations["updateOAuthApp"];
        trace?: never;
    };
}
/**
 * The components of the description, in the shape of openapi-typescript.
 * @example type Schemas = components['schemas'];
 */
export interface components {
    schemas: {
        Provider: Provider;
        HealthStatus: HealthStatus;
        MetadataFilterText: MetadataFilterText;
        OpenHealthStatus: OpenHealthStatus;
        Health: Health;
        OpenProvider: OpenProvider;
        Metadata: Metadata;
        OAuthApp: OAuthApp;
        OAuthAppList: OAuthAppList;
        Problem: Problem;
        ValidationProblem: ValidationProblem;
        ClientSecret: ClientSecret;
        Name: Name;
        CreateOAuthApp: CreateOAuthApp;
        EntityTags: EntityTags;
        DeletedOAuthApp: DeletedOAuthApp;
        UpdateOAuthApp: UpdateOAuthApp;
    };
    responses: {
        /** @description Your request is invalid: the body is not JSON in UTF-8 or ends early, the request target is malformed, there is not one `Host`, or it is not HTTP. In the last case the connection is closed. */
        MalformedRequest: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": Problem;
            };
        };
        /** @description Your API key is wrong, or there is none. */
        Unauthorized: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "WWW-Authenticate": components["headers"]["Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": Problem;
            };
        };
        /** @description The token lacks the scope that the request needs. */
        ReadForbidden: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "WWW-Authenticate": components["headers"]["InsufficientReadScope"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": Problem;
            };
        };
        /** @description The URL exists but does not support this method. */
        CollectionMethodNotAllowed: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                Allow: components["headers"]["CollectionAllow"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": Problem;
            };
        };
        /** @description The request did not arrive within 10 seconds. The connection is closed. */
        RequestTimeout: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": Problem;
            };
        };
        /** @description Your request failed validation. */
        InvalidParameters: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": ValidationProblem;
            };
        };
        /** @description Too many requests with this token. */
        TooManyRequests: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": Problem;
            };
        };
        /** @description The request line and the headers are larger than 16 KiB. The connection is closed. */
        HeadersTooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": Problem;
            };
        };
        /** @description The server failed. Nothing was changed. */
        ServerFault: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": Problem;
            };
        };
        /** @description The server is unavailable, or the account has too many requests in work. Nothing was changed, unless the database connection was lost during a write. A retry with the same `Idempotency-Key` or `If-Match` is safe. */
        Unavailable: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": Problem;
            };
        };
        /** @description The token lacks the scope that the request needs. */
        Forbidden: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "WWW-Authenticate": components["headers"]["InsufficientScope"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": Problem;
            };
        };
        /** @description The first request with this key is still in flight, or the account is full. */
        Conflict: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Retry-After": components["headers"]["RetryAfterInFlight"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": Problem;
            };
        };
        /** @description The body is larger than 64 KiB. */
        ContentTooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": Problem;
            };
        };
        /** @description The body is not declared as `application/json` in UTF-8, or it is compressed. */
        UnsupportedMediaType: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": Problem;
            };
        };
        /** @description Your request failed validation. */
        ValidationFailed: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": ValidationProblem;
            };
        };
        /** @description The OAuth app still has the `ETag` that was sent. */
        NotModified: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                "Cache-Control": components["headers"]["NoStore"];
                ETag: components["headers"]["ETag"];
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description The specified object could not be found. The response is the same for an ID of another account. */
        NotFound: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": Problem;
            };
        };
        /** @description The URL exists but does not support this method. */
        MethodNotAllowed: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                Allow: components["headers"]["Allow"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": Problem;
            };
        };
        /** @description The OAuth app no longer has the `ETag` that was sent. Nothing was changed. */
        PreconditionFailed: {
            headers: {
                "X-Request-Id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": Problem;
            };
        };
    };
    parameters: {
        /** @description Filter for OAuth apps for this provider (e.g. `github`, `stripe`, etc). */
        ProviderFilter: Provider;
        /** @description Filter for OAuth apps with this health status (e.g. `ok`, `error`, etc). */
        HealthStatusFilter: HealthStatus;
        /** @description Determines whether the response contains truncated or full secrets. Full secrets (`false`) need a token with the scope `reveal`. */
        TruncateSecrets: boolean;
        /** @description Filter for OAuth apps matching the properties supplied in this map, one URL-encoded JSON object. For example, `{"custom_property": 42}` will return all OAuth apps with a `custom_property` of `42`. Every given property must be present and equal, including its type. Nested values are compared as a whole. Other properties are allowed. At most 32 properties. */
        MetadataFilter: MetadataFilterText;
        /**
         * @description Maximum number of OAuth apps in a page. Without it, all of them are listed.
         * @example 100
         */
        Limit: number;
        /** @description The `next_cursor` of the previous page, or `start` for the first page, which is also the page without a cursor. It is valid only for the account that received it. A cursor that was altered or made up is rejected. */
        Cursor: string;
        /** @description Makes retries safe. Use a random value for every new OAuth app, such as a UUID. For 24 hours, a request with the same key and body gets the first response again; with another body it is rejected. The order of members does not count. While the first request is in flight, a repeated one gets 409. */
        IdempotencyKey: string;
        /**
         * @description The ID of the OAuth app.
         * @example 8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8
         */
        OAuthAppId: string;
        /** @description Requires that the OAuth app no longer has this `ETag`, such as `"v1"` (RFC 9110, section 13.1.2). Otherwise the response is 304. */
        IfNoneMatch: EntityTags;
        /** @description Requires that the OAuth app still has this `ETag`, such as `"v1"` (RFC 9110, section 13.1.1). Otherwise the response is 412, and nothing changes. A change of the health alone does not count. */
        IfMatch: EntityTags;
    };
    requestBodies: never;
    headers: {
        /** @description The ID of this request. Quote it when you ask for help. */
        RequestId: string;
        /** @description Caches must not store a response that holds an OAuth app. */
        NoStore: string;
        /** @description The challenge (RFC 6750). It has an `error` when a token was sent. */
        Authenticate: string;
        /** @description The challenge (RFC 6750) with the scope that the request needs. */
        InsufficientReadScope: string;
        /** @description The methods that this URL supports. */
        CollectionAllow: string;
        /** @description Seconds to wait before a retry. */
        RetryAfter: number;
        /** @description The version of the OAuth app, for `If-Match` and `If-None-Match`. It changes with every update, and when the health changes. */
        ETag: string;
        /** @description The challenge (RFC 6750) with the scope that the request needs. */
        InsufficientScope: string;
        /** @description Seconds to wait before a retry. Present only when the first request is still in flight. */
        RetryAfterInFlight: number;
        /** @description The methods that this URL supports. */
        Allow: string;
    };
    pathItems: never;
}
/**
 * The operations of the description, in the shape of openapi-typescript.
 * @example const operationId: keyof operations = "listOAuthApps";
 */
export interface operations {
    listOAuthApps: {
        parameters: {
            query?: {
                /** @description Filter for OAuth apps for this provider (e.g. `github`, `stripe`, etc). */
                provider?: components["parameters"]["ProviderFilter"] | undefined;
                /** @description Filter for OAuth apps with this health status (e.g. `ok`, `error`, etc). */
                "health.status"?: components["parameters"]["HealthStatusFilter"] | undefined;
                /** @description Determines whether the response contains truncated or full secrets. Full secrets (`false`) need a token with the scope `reveal`. */
                truncate_secrets?: components["parameters"]["TruncateSecrets"] | undefined;
                /** @description Filter for OAuth apps matching the properties supplied in this map, one URL-encoded JSON object. For example, `{"custom_property": 42}` will return all OAuth apps with a `custom_property` of `42`. Every given property must be present and equal, including its type. Nested values are compared as a whole. Other properties are allowed. At most 32 properties. */
                metadata?: components["parameters"]["MetadataFilter"] | undefined;
                /**
                 * @description Maximum number of OAuth apps in a page. Without it, all of them are listed.
                 * @example 100
                 */
                limit?: components["parameters"]["Limit"] | undefined;
                /** @description The `next_cursor` of the previous page, or `start` for the first page, which is also the page without a cursor. It is valid only for the account that received it. A cursor that was altered or made up is rejected. */
                cursor?: components["parameters"]["Cursor"] | undefined;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The OAuth apps that match every filter. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Cache-Control": components["headers"]["NoStore"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": OAuthAppList;
                };
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["ReadForbidden"];
            405: components["responses"]["CollectionMethodNotAllowed"];
            408: components["responses"]["RequestTimeout"];
            422: components["responses"]["InvalidParameters"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["ServerFault"];
            503: components["responses"]["Unavailable"];
        };
    };
    createOAuthApp: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes retries safe. Use a random value for every new OAuth app, such as a UUID. For 24 hours, a request with the same key and body gets the first response again; with another body it is rejected. The order of members does not count. While the first request is in flight, a repeated one gets 409. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"] | undefined;
            };
            path?: never;
            cookie?: never;
        };
        /** @description The OAuth app as the provider issued it. */
        requestBody: {
            content: {
                "application/json": CreateOAuthApp;
            };
        };
        responses: {
            /** @description The OAuth app, with its secret masked. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Cache-Control": components["headers"]["NoStore"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": OAuthApp;
                };
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            405: components["responses"]["CollectionMethodNotAllowed"];
            408: components["responses"]["RequestTimeout"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["ContentTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["ServerFault"];
            503: components["responses"]["Unavailable"];
        };
    };
    getOAuthApp: {
        parameters: {
            query?: never;
            header?: {
                /** @description Requires that the OAuth app no longer has this `ETag`, such as `"v1"` (RFC 9110, section 13.1.2). Otherwise the response is 304. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"] | undefined;
            };
            path: {
                /**
                 * @description The ID of the OAuth app.
                 * @example 8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8
                 */
                id: components["parameters"]["OAuthAppId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The OAuth app, with its secret masked. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Cache-Control": components["headers"]["NoStore"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": OAuthApp;
                };
            };
            304: components["responses"]["NotModified"];
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["ReadForbidden"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            408: components["responses"]["RequestTimeout"];
            422: components["responses"]["InvalidParameters"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["ServerFault"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteOAuthApp: {
        parameters: {
            query?: never;
            header?: {
                /** @description Requires that the OAuth app still has this `ETag`, such as `"v1"` (RFC 9110, section 13.1.1). Otherwise the response is 412, and nothing changes. A change of the health alone does not count. */
                "If-Match"?: components["parameters"]["IfMatch"] | undefined;
            };
            path: {
                /**
                 * @description The ID of the OAuth app.
                 * @example 8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8
                 */
                id: components["parameters"]["OAuthAppId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The OAuth app was deleted. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": DeletedOAuthApp;
                };
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            408: components["responses"]["RequestTimeout"];
            412: components["responses"]["PreconditionFailed"];
            422: components["responses"]["InvalidParameters"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["ServerFault"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateOAuthApp: {
        parameters: {
            query?: never;
            header?: {
                /** @description Requires that the OAuth app still has this `ETag`, such as `"v1"` (RFC 9110, section 13.1.1). Otherwise the response is 412, and nothing changes. A change of the health alone does not count. */
                "If-Match"?: components["parameters"]["IfMatch"] | undefined;
            };
            path: {
                /**
                 * @description The ID of the OAuth app.
                 * @example 8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8
                 */
                id: components["parameters"]["OAuthAppId"];
            };
            cookie?: never;
        };
        /** @description The fields to replace. */
        requestBody: {
            content: {
                "application/json": UpdateOAuthApp;
            };
        };
        responses: {
            /** @description The OAuth app, with its secret masked. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["RequestId"];
                    "Cache-Control": components["headers"]["NoStore"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": OAuthApp;
                };
            };
            400: components["responses"]["MalformedRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            405: components["responses"]["MethodNotAllowed"];
            408: components["responses"]["RequestTimeout"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["ContentTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            429: components["responses"]["TooManyRequests"];
            431: components["responses"]["HeadersTooLarge"];
            500: components["responses"]["ServerFault"];
            503: components["responses"]["Unavailable"];
        };
    };
}
/**
 * Provider
 * @description A provider that issues OAuth apps. New providers are added over time.
 * @enum {string}
 * @example const value: Provider = "airtable";
 */
export type Provider = "airtable" | "auth0" | "hubspot" | "github" | "linear" | "marketo" | "netsuite" | "quickbooks" | "salesforce" | "sendgrid" | "servicenow" | "shopify" | "stripe" | "workday";
/**
 * HealthStatus
 * @description `ok`: the secret can be used. `warn`: it can be used, and something needs attention. `error`: it cannot be used.
 * @enum {string}
 * @example const value: HealthStatus = "ok";
 */
export type HealthStatus = "ok" | "warn" | "error";
/**
 * MetadataFilterText
 * @description A JSON object with the properties that an OAuth app must have in its metadata, at most 32. The limits of metadata hold as well.
 * @example const value: MetadataFilterText = "text";
 */
export type MetadataFilterText = string;
/**
 * OpenHealthStatus
 * @description The status of the OAuth app: `ok`, `warn`, `error`, or one that was added after this description was written.
 * @example const value: OpenHealthStatus = "text";
 */
export type OpenHealthStatus = string;
/**
 * Health
 * @description Whether the stored secret can be used.
 * @example const value: Health = {"status":"text","notes":["text"],"time":"text"};
 */
export interface Health {
    /** @description The status of the OAuth app: `ok`, `warn`, `error`, or one that was added after this description was written. */
    status: OpenHealthStatus;
    /** @description Human-readable sentences, empty when the status is `ok`. */
    notes: string[];
    /** @description Time from which the status is known, in UTC and in the published format (not RFC 3339). */
    time: string;
}
/**
 * OpenProvider
 * @description The provider of the OAuth app: `airtable`, `auth0`, `hubspot`, `github`, `linear`, `marketo`, `netsuite`, `quickbooks`, `salesforce`, `sendgrid`, `servicenow`, `shopify`, `stripe`, `workday`, or one that was added after this description was written.
 * @example const value: OpenProvider = "text";
 */
export type OpenProvider = string;
/**
 * Metadata
 * @description A free-form object that you can use to store any additional information you want to associate with the OAuth app. At most 16 KiB as JSON, 32 levels deep, 2,000 values. It is returned exactly as it was sent. Metadata that cannot be stored exactly (duplicate names, `__proto__`, U+0000, lone surrogates, numbers that a double cannot hold) is rejected.
 * @example const value: Metadata = {};
 */
export interface Metadata {
    [key: string]: unknown;
}
/**
 * OAuthApp
 * @description An OAuth app as the API returns it. Other properties may be added over time.
 * @example const value: OAuthApp = {"id":"8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8","provider":"stripe","name":"My Stripe OAuth App","client_id":"8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8","client_secret":"**********","metadata":{"custom_property":42},"health":{"status":"ok","notes":[],"time":"2023-12-15 01:29:29"},"created_at":"2024-02-20T02:10:52Z","updated_at":"2024-02-20T02:10:52Z"};
 */
export interface OAuthApp {
    /** @description ID of the OAuth app. */
    id: string;
    /** @description Display name of the OAuth app. */
    name: string;
    /** @description Whether the stored secret can be used. */
    health?: Health | undefined;
    /** @description The provider of the OAuth app: `airtable`, `auth0`, `hubspot`, `github`, `linear`, `marketo`, `netsuite`, `quickbooks`, `salesforce`, `sendgrid`, `servicenow`, `shopify`, `stripe`, `workday`, or one that was added after this description was written. */
    provider: OpenProvider;
    /** @description The client ID of the OAuth app, as the provider issued it. Not the `id` of the OAuth app. */
    client_id: string;
    /** @description The client secret of the OAuth app: ten asterisks whatever its length, or in full in a list with `truncate_secrets=false`. It stays masked where the health is `error`. */
    client_secret: string;
    /** @description A free-form object that you can use to store any additional information you want to associate with the OAuth app. At most 16 KiB as JSON, 32 levels deep, 2,000 values. It is returned exactly as it was sent. Metadata that cannot be stored exactly (duplicate names, `__proto__`, U+0000, lone surrogates, numbers that a double cannot hold) is rejected. */
    metadata: Metadata;
    /**
     * Format: date-time
     * @description Timestamp of when the OAuth app was created, in ISO 8601 format.
     */
    created_at: string;
    /**
     * Format: date-time
     * @description Timestamp of when the OAuth app was last updated, in ISO 8601 format.
     */
    updated_at: string;
}
/**
 * OAuthAppList
 * @example const value: OAuthAppList = {"data":[{"id":"8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8","provider":"stripe","name":"My Stripe OAuth App","client_id":"8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8","client_secret":"**********","metadata":{"custom_property":42},"health":{"status":"ok","notes":[],"time":"2023-12-15 01:29:29"},"created_at":"2024-02-20T02:10:52Z","updated_at":"2024-02-20T02:10:52Z"}]};
 */
export interface OAuthAppList {
    /** @description The OAuth apps, newest last. */
    data: OAuthApp[];
    /** @description The cursor of the next page, present only when one follows. Send it as `cursor`. */
    next_cursor?: string | undefined;
}
/**
 * Problem
 * @description Problem details (RFC 9457) with Sequin's `summary`.
 * @example const value: Problem = {"type":"text","title":"text","status":1,"instance":"text","summary":"text"};
 */
export interface Problem {
    /** @description A stable identifier of the problem type. */
    type: string;
    /** @description The name of the problem type, the same for every occurrence. */
    title: string;
    /** @description The HTTP status code. */
    status: number;
    /** @description The request ID of this occurrence: `urn:uuid:` and the value of `X-Request-Id`. */
    instance: string;
    /** @description A sentence that says what went wrong. It holds no submitted value. */
    summary: string;
}
/**
 * ValidationProblem
 * @description Problem details with the reasons for each field that failed validation.
 * @example const value: ValidationProblem = {"type":"urn:oauth-apps:problem:validation-failed","title":"text","status":422,"instance":"text","summary":"text","validation_errors":{}};
 */
export interface ValidationProblem {
    /**
     * @description A stable identifier of the problem type.
     * @constant
     */
    type: "urn:oauth-apps:problem:validation-failed";
    /** @description The name of the problem type, the same for every occurrence. */
    title: string;
    /**
     * @description The HTTP status code.
     * @constant
     */
    status: 422;
    /** @description The request ID of this occurrence: `urn:uuid:` and the value of `X-Request-Id`. */
    instance: string;
    /** @description A sentence that says what went wrong. It holds no submitted value. */
    summary: string;
    /** @description The reasons for each field or parameter that failed validation. Nested fields have dotted paths. */
    validation_errors: {
        [key: string]: string[];
    };
}
/**
 * ClientSecret
 * @description The client secret of the OAuth app, as the provider issued it. A value made only of asterisks and white space is rejected, because it is the mask of an earlier response. So is U+0000.
 * @example const value: ClientSecret = "text";
 */
export type ClientSecret = string;
/**
 * Name
 * @description Name of the OAuth app. Need not be unique. U+0000 is rejected.
 * @example const value: Name = "text";
 */
export type Name = string;
/**
 * CreateOAuthApp
 * @example const value: CreateOAuthApp = {"provider":"stripe","client_id":"db97a4eb-f488-46c8-b1a7-78be3d8380d1","client_secret":"e8c22f21-3455-4ad5-ae1e-76bee847dec9","name":"Arakkis - Stripe","metadata":{"custom_property":42}};
 */
export interface CreateOAuthApp {
    /** @description A provider that issues OAuth apps. New providers are added over time. */
    provider: Provider;
    /** @description The client ID of the OAuth app, as the provider issued it. U+0000 is rejected. */
    client_id: string;
    /** @description The client secret of the OAuth app, as the provider issued it. A value made only of asterisks and white space is rejected, because it is the mask of an earlier response. So is U+0000. */
    client_secret: ClientSecret;
    /** @description Name of the OAuth app. Need not be unique. U+0000 is rejected. */
    name: Name;
    /** @description A free-form object that you can use to store any additional information you want to associate with the OAuth app. At most 16 KiB as JSON, 32 levels deep, 2,000 values. It is returned exactly as it was sent. Metadata that cannot be stored exactly (duplicate names, `__proto__`, U+0000, lone surrogates, numbers that a double cannot hold) is rejected. */
    metadata?: MetadataInput | undefined;
}
/**
 * EntityTags
 * @description One or more entity tags, or `*` for any (RFC 9110, section 8.8.3).
 * @example const value: EntityTags = "text";
 */
export type EntityTags = string;
/**
 * DeletedOAuthApp
 * @example const value: DeletedOAuthApp = {"id":"8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8","deleted":true};
 */
export interface DeletedOAuthApp {
    /** @description ID of the OAuth app that was deleted. */
    id: string;
    /**
     * @description Always `true`.
     * @constant
     */
    deleted: true;
}
/**
 * UpdateOAuthApp
 * @example const value: UpdateOAuthApp = {"name":"Arakkis - Stripe","metadata":{"custom_property":42}};
 */
export interface UpdateOAuthApp {
    /** @description Name of the OAuth app. Need not be unique. U+0000 is rejected. */
    name?: Name | undefined;
    /** @description The client secret of the OAuth app, as the provider issued it. A value made only of asterisks and white space is rejected, because it is the mask of an earlier response. So is U+0000. */
    client_secret?: ClientSecret | undefined;
    /** @description A free-form object that you can use to store any additional information you want to associate with the OAuth app. At most 16 KiB as JSON, 32 levels deep, 2,000 values. It is returned exactly as it was sent. Metadata that cannot be stored exactly (duplicate names, `__proto__`, U+0000, lone surrogates, numbers that a double cannot hold) is rejected. */
    metadata?: MetadataInput | undefined;
}
/**
 * Metadata in a request. A value of any interface fits.
 * @example const value: MetadataInput = {};
 */
export interface MetadataInput {
    [key: string]: any;
}
