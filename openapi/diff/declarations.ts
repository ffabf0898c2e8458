/** Reads the declarations that the package exports, with the compiler of TypeScript. */
import { join } from 'node:path';
import ts from 'typescript';

/** Where values of a type come from: programs of callers (`in`), or the package (`out`). */
export type Direction = 'in' | 'out';

/** A member of an exported declaration, or the declaration itself. */
export interface Member {
  /** The type as text, without comments; empty for a declaration with members. */
  readonly text: string;
  readonly isOptional: boolean;
  readonly isReadonly?: boolean;
}

/** A declaration that callers can name or reach: its members by name. */
export interface Declaration {
  readonly members: Map<string, Member>;
  readonly directions: Set<Direction>;
  /** Whether it is generated, so that the comparison of the description rates its further members. */
  readonly isGenerated: boolean;
}

/** The declarations of the package by name, such as `RetryOptions` or `./msw handlers`. */
export type Surface = ReadonlyMap<string, Declaration>;

/** Types of which every member follows from the description, whose comparison rates them. */
const described = new Set(['paths', 'operations', 'components', 'webhooks', 'RawClient']);

const format = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.WriteArrayAsGenericType;
/** The levels of objects without a name that are read. */
const deepest = 4;

const opposite = { in: 'out', out: 'in' } as const;

/** Whether callers cannot name a member: it is private, or a symbol. */
const isHidden = (symbol: ts.Symbol) =>
  symbol.name.startsWith('__#') ||
  symbol.name.startsWith('__@') ||
  (symbol.valueDeclaration !== undefined &&
    (ts.getCombinedModifierFlags(symbol.valueDeclaration) & ts.ModifierFlags.Private) !== 0);

const hasModifier = (node: ts.Declaration | undefined, flag: ts.ModifierFlags) =>
  node !== undefined && (ts.getCombinedModifierFlags(node) & flag) !== 0;

/** Whether a constructor is for the package alone, as those of an abstract class are. */
const isPublicConstructor = (signature: ts.Signature) => {
  const node = signature.getDeclaration() as ts.SignatureDeclaration | undefined;
  return !hasModifier(node, ts.ModifierFlags.NonPublicAccessibilityModifier);
};

class Reader {
  readonly surface = new Map<string, Declaration>();
  readonly #checker: ts.TypeChecker;
  readonly #folder: string;
  readonly #named: [name: string, type: ts.Type][] = [];
  /** Types that were visited, by direction. */
  readonly #seen = { in: new Set<ts.Type>(), out: new Set<ts.Type>() };

  constructor(checker: ts.TypeChecker, folder: string) {
    this.#checker = checker;
    this.#folder = folder;
  }

  #declare(name: string, direction: Direction, file: string): Declaration {
    const isGenerated = file.startsWith(`${this.#folder}generated/`);
    const declaration = this.surface.get(name) ?? { members: new Map(), directions: new Set(), isGenerated };
    this.surface.set(name, declaration);
    declaration.directions.add(direction);
    return declaration;
  }

  #print(type: ts.Type, at: ts.Node | undefined): string {
    const isAlias = at === undefined && type.aliasSymbol !== undefined;
    const flags = isAlias ? format | ts.TypeFormatFlags.InTypeAlias : format;
    // Paths of imports differ between two folders, and between two versions of a dependency.
    return this.#checker.typeToString(type, at, flags).replaceAll(/import\("[^"]*"(?:, \{.*?\} \})?\)\./g, '');
  }

  /** Adds the parameters and the result of signatures as members. */
  #addSignatures(signatures: readonly ts.Signature[], name: string, to: Declaration, direction: Direction): void {
    for (const [index, signature] of signatures.entries()) {
      const key = `${name}(${index === 0 ? '' : index + 1})`;
      const node = signature.getDeclaration();
      for (const [place, parameter] of (signature.getTypeParameters() ?? []).entries()) {
        const bound = parameter.getConstraint();
        const text = bound === undefined ? 'any type' : this.#print(bound, node);
        to.members.set(`${key} type parameter ${place + 1}`, {
          text,
          isOptional: parameter.getDefault() !== undefined,
        });
      }
      for (const [place, parameter] of signature.getParameters().entries()) {
        const type = this.#checker.getTypeOfSymbolAtLocation(parameter, node);
        const declared = parameter.valueDeclaration;
        const isOptional =
          declared !== undefined &&
          ts.isParameter(declared) &&
          (this.#checker.isOptionalParameter(declared) || declared.dotDotDotToken !== undefined);
        to.members.set(`${key} argument ${place + 1}`, { text: this.#print(type, node), isOptional });
        this.#visit(type, opposite[direction]);
      }
      const result = signature.getReturnType();
      this.#addValueOf(result, `${key} result`, true, node, to, direction);
    }
  }

  /** Adds a value: the members of an object whose type has no name, so that a further one is seen as such, else its type. */
  #addValueOf(
    full: ts.Type,
    name: string,
    isOptional: boolean,
    node: ts.Node,
    to: Declaration,
    direction: Direction,
  ): void {
    const type = this.#checker.getNonNullableType(full);
    const isNamed = type.aliasSymbol !== undefined || !type.symbol?.name.startsWith('__');
    const isObject = (type.flags & ts.TypeFlags.Object) !== 0 && this.#checker.getIndexInfosOfType(type).length === 0;
    const isPlain = type === full || isOptional;
    const count = this.#checker.getPropertiesOfType(type).length;
    if (isNamed || !isObject || !isPlain || count === 0 || name.split('.').length > deepest) {
      to.members.set(name, { text: this.#print(full, node), isOptional });
      this.#visit(full, direction);
    } else {
      to.members.set(name, { text: 'object', isOptional });
      this.#addMembers(type, to, direction, `${name}.`);
    }
  }

  #addMembers(type: ts.Type, to: Declaration, direction: Direction, prefix = ''): void {
    for (const property of this.#checker.getPropertiesOfType(type)) {
      const node = property.valueDeclaration ?? property.declarations?.[0];
      if (isHidden(property) || node === undefined) continue;
      const own = this.#checker.getTypeOfSymbolAtLocation(property, node);
      const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
      const isProtected = hasModifier(property.valueDeclaration, ts.ModifierFlags.Protected);
      const name = prefix + (isProtected ? 'protected ' : '') + property.name;
      const signatures = this.#checker.getNonNullableType(own).getCallSignatures();
      if (signatures.length === 0) {
        this.#addValueOf(own, name, isOptional, node, to, direction);
        const isReadonly = hasModifier(property.valueDeclaration, ts.ModifierFlags.Readonly);
        to.members.set(name, { ...(to.members.get(name) as Member), isReadonly });
      } else {
        to.members.set(name, { text: 'function', isOptional });
        this.#addSignatures(signatures, name, to, direction);
      }
    }
    this.#addSignatures(type.getCallSignatures(), `${prefix}call`, to, direction);
  }

  /** Reads the declarations of this project to which a type refers. */
  #visit(full: ts.Type, direction: Direction): void {
    // `Provider | undefined` has lost its name.
    const type = this.#checker.getNonNullableType(full);
    if (this.#seen[direction].has(type)) return;
    this.#seen[direction].add(type);
    for (const argument of type.aliasTypeArguments ?? []) this.#visit(argument, direction);
    if (type.isUnionOrIntersection()) for (const part of type.types) this.#visit(part, direction);
    if ((type.flags & ts.TypeFlags.Object) === 0 && type.aliasSymbol === undefined) return;
    const isReference = ((type as ts.ObjectType).objectFlags & ts.ObjectFlags.Reference) !== 0;
    if (isReference)
      for (const argument of this.#checker.getTypeArguments(type as ts.TypeReference)) this.#visit(argument, direction);
    const symbol = type.aliasSymbol ?? type.symbol;
    const file = symbol?.declarations?.[0]?.getSourceFile().fileName ?? '';
    if (!file.startsWith(this.#folder) || file.includes('/node_modules/') || described.has(symbol.name)) return;
    if (symbol.name.startsWith('__')) {
      for (const signature of type.getCallSignatures()) {
        for (const parameter of signature.getParameters())
          this.#visit(this.#checker.getTypeOfSymbol(parameter), opposite[direction]);
        this.#visit(signature.getReturnType(), direction);
      }
      for (const property of this.#checker.getPropertiesOfType(type))
        this.#visit(this.#checker.getTypeOfSymbol(property), direction);
    } else this.#addType(symbol.name, this.#checker.getDeclaredTypeOfSymbol(symbol), direction);
  }

  #addType(name: string, type: ts.Type, direction: Direction): void {
    const file = (type.aliasSymbol ?? type.symbol)?.declarations?.[0]?.getSourceFile().fileName ?? '';
    const declaration = this.#declare(name, direction, file);
    const isObject = (type.flags & ts.TypeFlags.Object) !== 0;
    if (isObject) this.#addMembers(type, declaration, direction);
    else declaration.members.set('', { text: this.#print(type, undefined), isOptional: false });
  }

  /** Adds what an entry of the package exports. */
  addEntry(entry: string, file: ts.SourceFile): void {
    const module = this.#checker.getSymbolAtLocation(file);
    for (const exported of module === undefined ? [] : this.#checker.getExportsOfModule(module)) {
      const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
      const symbol = isAlias ? this.#checker.getAliasedSymbol(exported) : exported;
      const name = `${entry} ${exported.name}`;
      if (described.has(exported.name)) continue;
      const declaration = this.#declare(name, 'out', symbol.declarations?.[0]?.getSourceFile().fileName ?? '');
      if ((symbol.flags & ts.SymbolFlags.Type) !== 0) {
        const type = this.#checker.getDeclaredTypeOfSymbol(symbol);
        // The type is listed once, under its own name.
        declaration.members.set('type', { text: symbol.name, isOptional: false });
        this.#named.push([symbol.name, type]);
      }
      if ((symbol.flags & ts.SymbolFlags.Value) !== 0) this.#addValue(symbol, declaration, file);
    }
  }

  /** Adds the exported types that no value refers to. They may go both ways. */
  addNamed(): void {
    const rest = this.#named.filter(([name]) => !this.surface.has(name));
    for (const direction of ['in', 'out'] as const)
      for (const [name, type] of rest) this.#addType(name, type, direction);
  }

  #addValue(symbol: ts.Symbol, declaration: Declaration, file: ts.SourceFile): void {
    const type = this.#checker.getTypeOfSymbolAtLocation(symbol, file);
    const constructors = type.getConstructSignatures();
    const isAbstract = hasModifier(symbol.valueDeclaration, ts.ModifierFlags.Abstract);
    const open = isAbstract ? [] : constructors.filter(isPublicConstructor);
    this.#addSignatures(open, 'new', declaration, 'out');
    if (constructors.length > 0 || type.getCallSignatures().length > 0) {
      this.#addMembersOfFunction(type, declaration);
      return;
    }
    declaration.members.set('value', { text: this.#print(type, file), isOptional: false });
    this.#visit(type, 'out');
  }

  #addMembersOfFunction(type: ts.Type, declaration: Declaration): void {
    this.#addSignatures(type.getCallSignatures(), 'call', declaration, 'out');
    for (const property of this.#checker.getPropertiesOfType(type)) {
      if (property.name === 'prototype' || isHidden(property)) continue;
      const own = this.#checker.getTypeOfSymbol(property);
      declaration.members.set(property.name, { text: this.#print(own, undefined), isOptional: false });
    }
  }
}

/** The sources of a package, compiled. */
export interface Sources {
  readonly program: ts.Program;
  readonly folder: string;
}

/**
 * Compiles source files of a folder that has `tsconfig.json` and `node_modules`.
 *
 * @param files - The paths in the folder.
 */
export function compile(folder: string, files: readonly string[]): Sources {
  const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, folder);
  const paths = files.map((file) => join(folder, file));
  return { program: ts.createProgram(paths, { ...options, noEmit: true, checkJs: false }), folder };
}

/**
 * Reads the surface of a package.
 *
 * @param entries - The source file of each entry: `{ './msw': 'client/msw.ts' }`.
 */
export function readSurface({ program, folder }: Sources, entries: Readonly<Record<string, string>>): Surface {
  const reader = new Reader(program.getTypeChecker(), `${folder}/`);
  for (const [entry, file] of Object.entries(entries)) {
    const source = program.getSourceFile(join(folder, file));
    if (source !== undefined) reader.addEntry(entry, source);
  }
  reader.addNamed();
  return reader.surface;
}
