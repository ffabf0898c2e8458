import { hash } from 'node:crypto';
import { parseStrictJson } from '../../generated/strict-json.ts';
import type { Metadata } from '../../generated/types.ts';
import { checkSize } from '../../generated/validation.ts';
import { limits } from '../../generated/values.ts';

/** Returns a value with the names of every object in order. */
function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, item]) => [name, inOrder(item)]));
}

/** Returns JSON text with the names of every object in order, so that equal values have equal text. */
export const canonicalJson = (value: unknown): string => JSON.stringify(inOrder(value));

/** Lists the reasons why metadata exceeds the limits of the description; empty when it does not. */
export const checkMetadata = (metadata: Metadata): string[] => checkSize(metadata, limits.metadata);

/**
 * Returns one fingerprint per top-level property of metadata, by which the store matches filters. Two fingerprints are
 * equal exactly when name and value are, type included; nested values are compared as a whole.
 */
export function propertyFingerprints(metadata: Metadata): string[] {
  return Object.entries(metadata).map(([name, value]) => hash('sha256', canonicalJson([name, value]), 'base64url'));
}

/** Lists the reasons why a filter exceeds its limits, which bound the cost of a query; empty when it does not. */
function checkFilter(metadata: Metadata): string[] {
  const { properties } = limits.metadataFilterText;
  const isWide = Object.keys(metadata).length > properties;
  return [...checkMetadata(metadata), ...(isWide ? [`must not have more than ${properties} properties`] : [])];
}

/** Parses the `metadata` filter. Returns the object, or the reasons why it is none. */
export function parseMetadataFilter(text: string): { metadata: Metadata } | { reasons: string[] } {
  const parsed = parseStrictJson(text, limits.metadata.depth);
  if ('isMalformed' in parsed) return { reasons: ['must be a JSON object, URL-encoded'] };
  if ('violations' in parsed) return { reasons: [...new Set([...parsed.violations.values()].flat())] };
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { reasons: ['must be a JSON object'] };
  const metadata = value as Metadata;
  const reasons = checkFilter(metadata);
  return reasons.length > 0 ? { reasons } : { metadata };
}
