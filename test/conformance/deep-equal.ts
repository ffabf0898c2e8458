/** Returns whether two JSON values are equal, whatever the order of their names. */
export function isDeepEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const names = Object.keys(left);
  const isEqualIn = (name: string) =>
    Object.hasOwn(right, name) && isDeepEqual(left[name as never], right[name as never]);
  return names.length === Object.keys(right).length && names.every(isEqualIn);
}
