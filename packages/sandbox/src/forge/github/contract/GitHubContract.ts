import Ajv, { AnySchema, ValidateFunction } from 'ajv';
import { buildSchema, GraphQLSchema, parse, validate } from 'graphql';
import { lines } from './graphql.json';
import description from './openapi.json';

type Schema = AnySchema & {
  $ref?: string;
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  required?: string[];
  properties?: Record<string, Schema>;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
};

interface Operation {
  method: string;
  path: string;
  query: Record<string, Schema>;
  body?: Schema;
  answers: Record<string, Schema | boolean>;
}

const SCHEMAS = description.components.schemas as unknown as Record<
  string,
  Schema
>;
const OPERATIONS = description.operations as unknown as Operation[];

/** Something that does not fit to what GitHub has published. */
export class ContractError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ContractError';
  }
}

/**
 * What GitHub publishes of its APIs, as far as the portal uses them: it tells whether a request can be understood there, and
 * whether an answer could come from there.
 *
 * @public
 */
export class GitHubContract {
  readonly #ajv = new Ajv({ strict: false, validateFormats: false });
  readonly #validators = new Map<AnySchema, ValidateFunction>();
  #graphql?: GraphQLSchema;

  constructor() {
    this.#ajv.addSchema({ $id: 'github', components: { schemas: SCHEMAS } });
  }

  /** The schema of the GraphQL API. */
  get graphql(): GraphQLSchema {
    this.#graphql ??= buildSchema(lines.join('\n'));
    return this.#graphql;
  }

  /** @throws ContractError when GitHub would refuse a GraphQL document */
  checkDocument(document: string): void {
    const problems = validate(this.graphql, parse(document));
    if (problems.length) {
      throw new ContractError(problems.map(({ message }) => message).join('; '));
    }
  }

  /**
   * Finds what a call is by its path below the API.
   *
   * @throws ContractError when it is not described here
   */
  find(method: string, path: string): Operation {
    const found = OPERATIONS.find(
      operation =>
        operation.method === method && toPattern(operation.path).test(path),
    );
    if (!found) {
      throw new ContractError(`GitHub has no ${method} ${path} here`);
    }
    return found;
  }

  /** @throws ContractError when the query or the body is another than GitHub takes */
  checkRequest(
    operation: Operation,
    request: { query: Record<string, unknown>; body: unknown },
  ): void {
    const where = `${operation.method} ${operation.path}`;
    for (const [name, value] of Object.entries(request.query)) {
      const schema = operation.query[name];
      if (!schema) {
        throw new ContractError(`${where} takes no ?${name}`);
      }
      const isNumber = [schema.type].flat().includes('integer');
      this.#check(schema, isNumber ? Number(value) : value, `?${name} of ${where}`);
    }
    if (operation.body) {
      // The description leaves it open what else may be in a body, and GitHub does not say so when nobody reads it.
      const schema = Object.assign({}, operation.body, {
        additionalProperties: false,
      });
      this.#check(schema, request.body, `the body of ${where}`, operation.body);
    }
  }

  /** An answer with what GitHub would have in it beside what is given. */
  complete(operation: Operation, status: number, body: unknown): unknown {
    const schema = operation.answers[status];
    return typeof schema === 'object' ? fill(schema, body) : body;
  }

  /** @throws ContractError when GitHub gives no such answer */
  checkAnswer(operation: Operation, status: number, body: unknown): void {
    const schema = operation.answers[status];
    if (typeof schema === 'object') {
      this.#check(
        schema,
        body,
        `the answer ${status} to ${operation.method} ${operation.path}`,
      );
    }
  }

  #check(
    schema: AnySchema,
    value: unknown,
    what: string,
    key: AnySchema = schema,
  ): void {
    let check = this.#validators.get(key);
    if (!check) {
      check = this.#ajv.compile(toAbsolute(schema));
      this.#validators.set(key, check);
    }
    if (!check(value)) {
      throw new ContractError(
        `${what}: ${this.#ajv.errorsText(check.errors)}`,
      );
    }
  }
}

function toPattern(path: string): RegExp {
  const pattern = path
    .split(/(\{\w+\})/)
    .map(part => {
      if (/^\{(owner|repo|pull_number|\w*sha)\}$/.test(part)) {
        return '[^/]+';
      }
      // A ref, and two of them compared, may hold slashes.
      return part.startsWith('{') ? '.+' : part;
    })
    .join('');
  return new RegExp(`^${pattern}$`);
}

function toAbsolute(schema: AnySchema): AnySchema {
  return JSON.parse(
    JSON.stringify(schema, (key, value) =>
      key === '$ref' ? `github${value}` : value,
    ),
  );
}

/** Completes a value: fields that a schema requires and that are not there get the emptiest value that they can have. */
function fill(schema: Schema, value: unknown): unknown {
  const { allOf, anyOf, oneOf, properties = {}, required = [] } = flatten(schema);
  if (Array.isArray(value)) {
    const { items } = flatten(schema) as { items?: Schema };
    return items ? value.map(item => fill(items, item)) : value;
  }
  if (value === undefined) {
    return emptiest(schema);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const parts = [...(allOf ?? []), ...(anyOf ?? oneOf ?? []).filter(isObject).slice(0, 1)];
  const base = parts.reduce<Record<string, unknown>>(
    (filled, part) => ({ ...filled, ...(fill(part, value) as object) }),
    value as Record<string, unknown>,
  );
  return {
    ...base,
    ...Object.fromEntries(
      Object.entries(properties)
        .filter(([name]) => name in base || required.includes(name))
        .map(([name, property]) => [name, fill(property, base[name])]),
    ),
  };
}

function flatten(schema: Schema): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name ? flatten(SCHEMAS[name]) : schema;
}

function isObject(schema: Schema): boolean {
  return [flatten(schema).type].flat().includes('object');
}

function emptiest(schema: Schema): unknown {
  const flat = flatten(schema);
  const types = [flat.type].flat();
  const branches = [...(flat.anyOf ?? []), ...(flat.oneOf ?? [])];
  if (
    types.includes('null') ||
    branches.some(branch => flatten(branch).type === 'null')
  ) {
    return null;
  }
  if (flat.enum) {
    return flat.enum[0];
  }
  if (types.includes('object') || flat.properties || flat.allOf) {
    return fill(flat, {});
  }
  if (branches.length) {
    return emptiest(branches[0]);
  }
  const empty: Record<string, unknown> = {
    array: [],
    boolean: false,
    integer: 0,
    number: 0,
    string: flat.format === 'uri' ? 'https://github.invalid/' : '',
  };
  return empty[types[0] ?? 'string'];
}
