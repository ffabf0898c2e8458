// Generated from openapi/ by `npm run generate`. Do not edit.

/** Every value of `Provider`, in the order of the description. */
export const providers = ['airtable', 'auth0', 'hubspot', 'github', 'linear', 'marketo', 'netsuite', 'quickbooks', 'salesforce', 'sendgrid', 'servicenow', 'shopify', 'stripe', 'workday'] as const;

/** Every value of `HealthStatus`, in the order of the description. */
export const healthStatuses = ['ok', 'warn', 'error'] as const;

/** The scopes that a token can have. */
export const scopes = ['read', 'write', 'reveal'] as const;
