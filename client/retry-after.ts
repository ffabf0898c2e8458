/** Returns `Retry-After` in milliseconds. It holds seconds or a date (RFC 9110, section 10.2.3). */
export function readRetryAfter(response: Response | undefined): number | undefined {
  const text = response?.headers.get('retry-after');
  if (!text) return undefined;
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}
