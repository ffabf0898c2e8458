const name = '[A-Za-z_][\\w.-]*';
const value = '"(?:[^<&"]|&(?:amp|lt|gt|quot);)*"';
const tokens = new RegExp(
  [
    `(?<aside><\\?xml [^<>]*\\?>|<!--(?:(?!--)[^])*-->)`,
    `<(?<open>${name})(?:\\s+${name}=${value})*\\s*(?<empty>/?)>`,
    `</(?<close>${name})>`,
    `(?<text>(?:[^<&>]|&(?:amp|lt|gt|quot);)+)`,
  ].join('|'),
  'y',
);

/** The names of the elements of an XML text, in order. Throws where it is not well-formed. */
export function parseXml(xml: string): string[] {
  const open: string[] = [];
  const elements: string[] = [];
  tokens.lastIndex = 0;
  while (tokens.lastIndex < xml.length) {
    const at = tokens.lastIndex;
    const groups = tokens.exec(xml)?.groups;
    if (groups === undefined) throw new Error(`not XML from here on: ${xml.slice(at, at + 80)}`);
    if (groups.open) elements.push(groups.open);
    if (groups.open && !groups.empty) open.push(groups.open);
    if (groups.close && open.pop() !== groups.close) throw new Error(`</${groups.close}> closes nothing`);
    if (groups.text?.trim() && open.length === 0) throw new Error('there is text outside of the root');
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)}> is never closed`);
  return elements;
}
