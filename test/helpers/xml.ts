const name = '[A-Za-z_][\\w.-]*';
const value = '"(?:[^<&"]|&(?:amp|lt|gt|quot);)*"';
const tokens = new RegExp(
  [
    `(?<ignored><\\?xml [^<>]*\\?>|<!--(?:(?!--)[^])*-->)`,
    `<(?<open>${name})(?:\\s+${name}=${value})*\\s*(?<empty>/?)>`,
    `</(?<close>${name})>`,
    `(?<text>(?:[^<&>]|&(?:amp|lt|gt|quot);)+)`,
  ].join('|'),
  'y',
);

/**
 * Returns the names of the elements of an XML text, in their order.
 *
 * @throws {Error} for a text that is not well-formed
 */
export function parseXml(xml: string): string[] {
  const open: string[] = [];
  const elements: string[] = [];
  tokens.lastIndex = 0;
  while (tokens.lastIndex < xml.length) {
    const at = tokens.lastIndex;
    const groups = tokens.exec(xml)?.groups;
    if (groups === undefined) throw new Error(`the XML is malformed from here on: ${xml.slice(at, at + 80)}`);
    if (groups.open) elements.push(groups.open);
    if (groups.open && !groups.empty) open.push(groups.open);
    if (groups.close && open.pop() !== groups.close) throw new Error(`</${groups.close}> has no start tag`);
    if (groups.text?.trim() && open.length === 0) throw new Error('there is text outside the root element');
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)}> has no end tag`);
  return elements;
}
