// Generated from openapi/ by `npm run generate`. Do not edit.

/**
 * Every value of `Provider`, in the order of the description.
 *
 * @example console.log(providers.includes('airtable')); // true
 */
export const providers = ['airtable', 'auth0', 'hubspot', 'github', 'linear', 'marketo', 'netsuite', 'quickbooks', 'salesforce', 'sendgrid', 'servicenow', 'shopify', 'stripe', 'workday'] as const;

/**
 * Whether a value is one of `providers`. Responses may have values that were added later.
 *
 * @example console.log(isProvider('airtable')); // true
 */
export const isProvider = (value: unknown): value is (typeof providers)[number] => (providers as readonly unknown[]).includes(value);

/**
 * Every value of `HealthStatus`, in the order of the description.
 *
 * @example console.log(healthStatuses.includes('ok')); // true
 */
export const healthStatuses = ['ok', 'warn', 'error'] as const;

/**
 * Whether a value is one of `healthStatuses`. Responses may have values that were added later.
 *
 * @example console.log(isHealthStatus('ok')); // true
 */
export const isHealthStatus = (value: unknown): value is (typeof healthStatuses)[number] => (healthStatuses as readonly unknown[]).includes(value);

/** The scopes that a token can have. */
export const scopes = ['read', 'write', 'reveal'] as const;
