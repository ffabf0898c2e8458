import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';
import { type Bundle, listOperations } from './bundle.ts';
import { inline, sampleOf } from './sample.ts';

const { factory } = ts;
/** The parts of an operation that hold parameters. */
const parameterGroups = new Set(['query', 'header', 'path', 'cookie']);
/** The suffix of types for free-form objects in requests. */
const inputSuffix = 'Input';

const nameOf = ({ name }: ts.PropertySignature) =>
  ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : undefined;
const reference = (name: string) => factory.createTypeReferenceNode(name);

/** Returns the name of the schema for `components["schemas"]["Name"]`; undefined for any other type. */
function schemaNameOf(node: ts.Node): string | undefined {
  if (!ts.isIndexedAccessTypeNode(node) || !ts.isIndexedAccessTypeNode(node.objectType)) return undefined;
  const [group, name] = [node.objectType.indexType, node.indexType].map((index) =>
    ts.isLiteralTypeNode(index) && ts.isStringLiteral(index.literal) ? index.literal.text : undefined,
  );
  return group === 'schemas' ? name : undefined;
}

/** Returns the names of the schemas of request bodies. */
function listRequestSchemas(bundle: Bundle): ReadonlySet<string> {
  const refs = listOperations(bundle).map(({ requestBody }) => requestBody?.content['application/json']?.schema.$ref);
  return new Set(refs.flatMap((ref) => ref?.split('/').at(-1) ?? []));
}

/** Whether a type is an object of any properties. */
const isFreeForm = (type: ts.TypeNode | undefined) =>
  type !== undefined && ts.isTypeLiteralNode(type) && type.members.every(ts.isIndexSignatureDeclaration);

/** Describes a property by its schema, where the description does not describe the property itself. */
function describe(property: ts.PropertySignature, name: string, { components }: Bundle): void {
  const { description } = components.schemas[name] ?? {};
  if (ts.getSyntheticLeadingComments(property) || typeof description !== 'string') return;
  const text = `* @description ${description.trim().replaceAll('\n', ' ')} `;
  ts.addSyntheticLeadingComment(property, ts.SyntaxKind.MultiLineCommentTrivia, text, true);
}

/** Lets an optional property be `undefined`, for callers that compile with `exactOptionalPropertyTypes`. */
function allowUndefined(property: ts.PropertySignature): ts.PropertySignature {
  const { modifiers, name, questionToken, type } = property;
  if (!questionToken || !type || type.kind === ts.SyntaxKind.NeverKeyword) return property;
  const undefinedType = factory.createKeywordTypeNode(ts.SyntaxKind.UndefinedKeyword);
  const optional = factory.createUnionTypeNode([type, undefinedType]);
  return factory.updatePropertySignature(property, modifiers, name, questionToken, optional);
}

/** Changes the types of a node: names for schemas, `undefined` for optional properties, words for each property. */
function refine<Node extends ts.Node>(root: Node, bundle: Bundle, inputs: ReadonlySet<string> = new Set()): Node {
  const visitWith = (isField: boolean, context: ts.TransformationContext) => {
    const visit = (node: ts.Node): ts.Node => {
      const name = schemaNameOf(node);
      if (name !== undefined) return reference(inputs.has(name) ? name + inputSuffix : name);
      if (!ts.isPropertySignature(node)) return ts.visitEachChild(node, visit, context);
      const target = node.type && schemaNameOf(node.type);
      if (isField && target !== undefined) describe(node, target, bundle);
      const isGroup = parameterGroups.has(nameOf(node) ?? '');
      const inner = ts.visitEachChild(node, visitWith(isField || isGroup, context), context);
      return isField ? allowUndefined(inner) : inner;
    };
    return visit;
  };
  const isSchema = ts.isTypeNode(root);
  const { transformed } = ts.transform<ts.Node>(root, [(context) => visitWith(isSchema, context)]);
  return transformed[0] as Node;
}

/** Declares a schema under its own name, which editors and error messages then show. */
function declare(name: string, type: ts.TypeNode, comments: readonly ts.SynthesizedComment[] | undefined): ts.Node {
  const modifiers = [factory.createModifier(ts.SyntaxKind.ExportKeyword)];
  const node = ts.isTypeLiteralNode(type)
    ? factory.createInterfaceDeclaration(modifiers, name, undefined, undefined, type.members)
    : factory.createTypeAliasDeclaration(modifiers, name, undefined, type);
  return ts.setSyntheticLeadingComments(node, comments && [...comments]);
}

/** Adds a tag to the doc comment of a declaration. */
function addToComment(comments: readonly ts.SynthesizedComment[] = [], tag: string): ts.SynthesizedComment[] {
  const [last] = comments.slice(-1);
  const kind = ts.SyntaxKind.MultiLineCommentTrivia;
  if (last?.kind !== kind)
    return [...comments, { kind, pos: -1, end: -1, text: `* ${tag} `, hasTrailingNewLine: true }];
  const lines = last.text.includes('\n') ? last.text.trimEnd() : `*\n ${last.text.trimEnd()}`;
  return [...comments.slice(0, -1), { ...last, text: `${lines}\n * ${tag}\n ` }];
}

/** Documents the types in the shape of openapi-typescript. */
const documentShapes = (code: string, bundle: Bundle) => {
  const [path] = Object.keys(bundle.paths);
  const examples: Readonly<Record<string, string>> = {
    paths: `const path: keyof paths = ${inline(path)};`,
    components: "type Schemas = components['schemas'];",
    operations: `const operationId: keyof operations = ${inline(listOperations(bundle)[0]?.operationId)};`,
  };
  return code.replaceAll(
    /^export interface (paths|components|operations) /gm,
    (line, name: string) =>
      `/**\n * The ${name} of the description, in the shape of openapi-typescript.\n * @example ${examples[name]}\n */\n${line}`,
  );
};

/** Matches types of sections that the description does not have. */
const emptySections = /^export type \S+ = Record<string, never>;\n/gm;

/** Returns the properties of `schemas` in the interface `components`. */
function listSchemas(nodes: readonly ts.Node[]): ts.PropertySignature[] {
  const components = nodes.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === 'components');
  const groups = (components as ts.InterfaceDeclaration).members.filter(ts.isPropertySignature);
  const schemas = groups.find((group) => nameOf(group) === 'schemas')?.type;
  return schemas && ts.isTypeLiteralNode(schemas) ? schemas.members.filter(ts.isPropertySignature) : [];
}

/** Renders the types of the description with openapi-typescript. Each schema gets a declaration of its own. */
export async function renderTypes(bundle: Bundle): Promise<string> {
  const nodes = await openapiTS(structuredClone(bundle) as object as Parameters<typeof openapiTS>[0], {
    // A property with a default stays optional in requests.
    defaultNonNullable: false,
    silent: true,
  });
  const schemas = listSchemas(nodes);
  const inputs = new Set(schemas.filter(({ type }) => isFreeForm(type)).map((schema) => nameOf(schema) ?? ''));
  const requests = listRequestSchemas(bundle);
  const declarations = schemas.map((schema) => {
    const [name = '', type] = [nameOf(schema), schema.type as ts.TypeNode];
    const refined = refine(type, bundle, requests.has(name) ? inputs : undefined);
    const value = bundle.components.examples[name]?.value ?? sampleOf(bundle, bundle.components.schemas[name] ?? {});
    const example = `@example const value: ${name} = ${inline(value)};`;
    return declare(name, refined, addToComment(ts.getSyntheticLeadingComments(schema), example));
  });
  for (const schema of schemas) ts.setSyntheticLeadingComments(schema, undefined);
  const named = new Map(schemas.map((schema) => [schema as ts.Node, nameOf(schema) ?? '']));
  const withNames = nodes.map((node) => refine(replaceTypes(node, named), bundle));
  const free = [...inputs].map((name) => renderInput(name));
  const code = astToString([...withNames, ...declarations]).replaceAll(emptySections, '');
  return `${documentShapes(code, bundle)}${free.join('')}`;
}

/** Replaces the type of each listed property by a name. */
function replaceTypes(root: ts.Node, named: ReadonlyMap<ts.Node, string>): ts.Node {
  const { transformed } = ts.transform<ts.Node>(root, [
    (context) => {
      const visit = (node: ts.Node): ts.Node => {
        const name = named.get(node);
        if (name === undefined || !ts.isPropertySignature(node)) return ts.visitEachChild(node, visit, context);
        return factory.updatePropertySignature(node, node.modifiers, node.name, undefined, reference(name));
      };
      return visit;
    },
  ]);
  return transformed[0] as ts.Node;
}

/** Renders the type of a free-form object in a request. An interface fits it, as it has no index signature of its own. */
const renderInput = (name: string) =>
  `/**\n * ${name} in a request. A value of any interface fits.\n * @example const value: ${name}${inputSuffix} = {};\n */\nexport interface ${name}${inputSuffix} {\n    [key: string]: any;\n}\n`;
