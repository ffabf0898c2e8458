/** A day or a moment, ISO 8601. `Date` alone takes much else, such as `7`. */
const timeForm = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** Reads a time, a day in UTC or a moment. Returns it in UTC with milliseconds; undefined when it is none. */
export function readTime(text: string): string | undefined {
  const time = new Date(text);
  return timeForm.test(text) && !Number.isNaN(time.getTime()) ? time.toISOString() : undefined;
}
