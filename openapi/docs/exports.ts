/** Finds what the package exports, by its source: names, declarations and doc comments. It resolves no types. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

/** A declaration that an entry exports. */
export interface ExportedSymbol {
  /** The entry of the package, such as `./server`. */
  readonly entry: string;
  readonly name: string;
  readonly isType: boolean;
  /** The path of its file, from the root of the project. */
  readonly file: string;
  /** The texts behind `@example` in its doc comment. */
  readonly examples: readonly string[];
  /** The declaration with its comments, without the bodies of functions. */
  readonly text: string;
  /** The members of an interface or class that have no doc comment. */
  readonly undescribed: readonly string[];
}

/** Returns the source file of an entry, or undefined for one that is no module. */
export function sourceOf(target: unknown): string | undefined {
  const path = typeof target === 'object' && target !== null && 'default' in target ? String(target.default) : '';
  return /^\.\/dist\/package\/.*\.js$/.test(path)
    ? path.replace('./dist/package/', '').replace(/\.js$/, '.ts')
    : undefined;
}

type Declaration = ts.Statement | ts.VariableStatement;

/** Reads source files, each once. */
function createReader(root: string) {
  const files = new Map<string, ts.SourceFile>();
  return (file: string): ts.SourceFile => {
    const known =
      files.get(file) ??
      ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
    files.set(file, known);
    return known;
  };
}

const isExported = (node: ts.Node) =>
  ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;

/** Returns the names that a statement declares. */
function namesOf(node: Declaration): string[] {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.map(({ name }) => name.getText());
  const isNamed =
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node);
  return isNamed && node.name ? [node.name.text] : [];
}

/** Returns a declaration with its comments, without the bodies of functions. */
function textOf(node: ts.Node): string {
  const bodies: ts.Node[] = [];
  const visit = (child: ts.Node): void => {
    if (ts.isBlock(child)) bodies.push(child);
    else ts.forEachChild(child, visit);
  };
  visit(node);
  const source = node.getSourceFile().text;
  let [text, at] = ['', node.getFullStart()];
  for (const body of bodies) {
    text += source.slice(at, body.getStart());
    at = body.getEnd();
  }
  return text + source.slice(at, node.getEnd());
}

const commentOf = (tag: ts.JSDocTag) => ts.getTextOfJSDocComment(tag.comment) ?? '';

/** Returns the examples in the doc comment of a declaration. */
const examplesOf = (node: ts.Node): string[] =>
  ts
    .getJSDocTags(ts.isVariableStatement(node) ? (node.declarationList.declarations[0] ?? node) : node)
    .filter(({ tagName }) => tagName.text === 'example')
    .map((tag) => commentOf(tag).trim());

/** Whether a member has words: in its doc comment, or behind `@description`. */
const isDescribed = (node: ts.Node) =>
  ts
    .getJSDocCommentsAndTags(node)
    .filter(ts.isJSDoc)
    .some(
      ({ comment, tags = [] }) => comment !== undefined || tags.some(({ tagName }) => tagName.text === 'description'),
    );

/** Lists the members of an interface, of a class, or of the object types that a type is made of. */
function membersOf(node: ts.Node): readonly ts.NamedDeclaration[] {
  if (ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node) || ts.isTypeLiteralNode(node)) return node.members;
  if (ts.isTypeAliasDeclaration(node)) return membersOf(node.type);
  return ts.isUnionTypeNode(node) || ts.isIntersectionTypeNode(node) ? node.types.flatMap(membersOf) : [];
}

/** Returns the public members without words. The name of an error is that of its class. */
const findUndescribed = (node: ts.Node): string[] =>
  membersOf(node)
    .filter(({ name }) => name !== undefined && !ts.isPrivateIdentifier(name) && !ts.isComputedPropertyName(name))
    .flatMap((member) => (isDescribed(member) ? [] : (member.name?.getText() ?? [])))
    .filter((name) => !(ts.isClassDeclaration(node) && name === 'name'));

/** Lists everything that the entries of a package export. @param entries The member `exports` of its package.json. */
export function listExports(root: string, entries: Readonly<Record<string, unknown>>): ExportedSymbol[] {
  const read = createReader(root);
  const resolve = (file: string, specifier: ts.Expression | undefined) =>
    specifier && ts.isStringLiteral(specifier) ? relative('.', join(dirname(file), specifier.text)) : undefined;

  /** Finds a declaration by its name, through re-exports and imports. */
  const find = (file: string, name: string): { file: string; node: Declaration } | undefined => {
    for (const node of read(file).statements) {
      if (isExported(node) && namesOf(node).includes(name)) return { file, node };
      if (!ts.isExportDeclaration(node)) continue;
      const target = resolve(file, node.moduleSpecifier);
      if (target === undefined) continue;
      if (node.exportClause === undefined) {
        const found = find(target, name);
        if (found) return found;
      } else if (ts.isNamedExports(node.exportClause)) {
        const one = node.exportClause.elements.find((element) => element.name.text === name);
        if (one) return find(target, (one.propertyName ?? one.name).text);
      }
    }
    return undefined;
  };

  const listNames = (file: string): string[] =>
    read(file).statements.flatMap((node) => {
      if (isExported(node)) return namesOf(node);
      if (!ts.isExportDeclaration(node)) return [];
      if (node.exportClause && ts.isNamedExports(node.exportClause)) {
        return node.exportClause.elements.map(({ name }) => name.text);
      }
      const target = resolve(file, node.moduleSpecifier);
      return node.exportClause === undefined && target !== undefined ? listNames(target) : [];
    });

  return Object.entries(entries).flatMap(([entry, target]) => {
    const source = sourceOf(target);
    if (source === undefined) return [];
    return [...new Set(listNames(source))].map((name): ExportedSymbol => {
      const found = find(source, name);
      if (found === undefined) throw new Error(`${entry} exports ${name}, whose declaration was not found`);
      const { file, node } = found;
      const isType = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
      const facts = { entry, name, isType, file, undescribed: findUndescribed(node) };
      return { ...facts, examples: examplesOf(node), text: textOf(node) };
    });
  });
}

/** Computes a digest of all that the reference shows: exported declarations and their comments. */
export const fingerprint = (symbols: readonly ExportedSymbol[]): string =>
  createHash('sha256')
    .update(symbols.map(({ entry, name, text }) => `${entry} ${name} ${text}`).join('\n'))
    .digest('base64url')
    .slice(0, 22);

/** The reference of the TypeScript API, from the root of the project. */
export const referenceFile = 'client/reference.md';
