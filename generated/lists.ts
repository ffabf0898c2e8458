// Generated from openapi/ by `npm run generate`. Do not edit.

/** Every value of `Provider` that the description knows, in its order. */
export const providers = ['airtable', 'auth0', 'hubspot', 'github', 'linear', 'marketo', 'netsuite', 'quickbooks', 'salesforce', 'sendgrid', 'servicenow', 'shopify', 'stripe', 'workday'] as const;

/** Every value of `HealthStatus` that the description knows, in its order. */
export const healthStatuses = ['ok', 'warn', 'error'] as const;

/** What a token can be allowed to do. */
export const scopes = ['read', 'write', 'reveal'] as const;
