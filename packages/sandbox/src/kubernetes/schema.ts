import { Cause } from './status';
import { isJsonObject } from './types';

/** A rule over a value that its structure cannot express. */
export interface SchemaRule {
  message: string;
  /**
   * Whether the value obeys. `old` is the value before an update; a rule that names it
   * as `transition` is only asked when there is one.
   */
  holds(value: any, old?: any): boolean;
  transition?: boolean;
}

/**
 * The structure of a value, in the vocabulary of Kubernetes structural schemas as far as the
 * served kinds need it.
 */
export interface Schema {
  type: 'object' | 'array' | 'string' | 'integer' | 'boolean' | 'any';
  description?: string;
  nullable?: boolean;
  default?: unknown;
  rules?: SchemaRule[];
  /** object */
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema;
  /** Fields that are not listed are kept as they are. */
  open?: boolean;
  /** array */
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  /** Entries are told apart by this field (`map`) or by themselves (`set`). */
  list?: { type: 'map'; key: string } | { type: 'set' };
  /** string */
  enum?: string[];
  pattern?: RegExp;
  minLength?: number;
  maxLength?: number;
  /** integer */
  minimum?: number;
  maximum?: number;
}

const RULES_SKIPPED: Cause = {
  reason: 'FieldValueInvalid',
  message:
    'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  field: '<nil>',
};

/** Violations of these kinds make values too odd for the rules to be asked at all. */
const BLOCKING_REASONS = new Set([
  'FieldValueRequired',
  'FieldValueTypeInvalid',
  'FieldValueNotSupported',
  'FieldValueTooLong',
  'FieldValueTooMany',
]);

export function childPath(path: string, field: string): string {
  return path ? `${path}.${field}` : field;
}

function typeOf(value: unknown): string {
  if (value === null) {
    return 'null';
  }
  if (Array.isArray(value)) {
    return 'array';
  }
  if (typeof value === 'number') {
    return Number.isInteger(value) ? 'integer' : 'number';
  }
  return typeof value;
}

/** The schema of a field; names such as `constructor` are fields like any other. */
function propertyOf(schema: Schema, key: string): Schema | undefined {
  return schema.properties && Object.hasOwn(schema.properties, key)
    ? schema.properties[key]
    : undefined;
}

/** Calls `visit` for each value that the schema describes below `value`. */
function forEachChild(
  schema: Schema,
  value: unknown,
  path: string,
  visit: (schema: Schema, value: unknown, path: string, key: string) => void,
): void {
  if (schema.type === 'array' && Array.isArray(value) && schema.items) {
    value.forEach((item, index) =>
      visit(schema.items!, item, `${path}[${index}]`, String(index)),
    );
  }
  if (schema.type === 'object' && isJsonObject(value)) {
    for (const [key, child] of Object.entries(value)) {
      const childSchema =
        propertyOf(schema, key) ?? schema.additionalProperties;
      if (childSchema) {
        visit(childSchema, child, childPath(path, key), key);
      }
    }
  }
}

/** Removes fields the schema does not know, in place, and returns their paths. */
export function prune(schema: Schema, value: unknown, path = ''): string[] {
  const unknown: string[] = [];
  if (
    schema.type === 'object' &&
    isJsonObject(value) &&
    !schema.open &&
    !schema.additionalProperties
  ) {
    for (const key of Object.keys(value)) {
      if (!propertyOf(schema, key)) {
        delete value[key];
        unknown.push(childPath(path, key));
      }
    }
  }
  forEachChild(schema, value, path, (childSchema, child, at) => {
    unknown.push(...prune(childSchema, child, at));
  });
  return unknown.sort();
}

/** Fills defaults in and drops nulls where the schema does not allow them, in place. */
export function applyDefaults(schema: Schema, value: unknown): void {
  if (schema.type === 'object' && isJsonObject(value)) {
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      if (value[key] === null && !property.nullable) {
        delete value[key];
      }
      if (value[key] === undefined && property.default !== undefined) {
        value[key] = structuredClone(property.default);
      }
    }
  }
  forEachChild(schema, value, '', applyDefaults);
}

function violation(reason: string, field: string, message: string): Cause {
  return { reason, message, field };
}

function checkString(schema: Schema, value: string, path: string): Cause[] {
  const found = (text: string) => [
    violation(
      'FieldValueInvalid',
      path,
      `Invalid value: ${JSON.stringify(value)}: ${path} in body ${text}`,
    ),
  ];
  const length = [...value].length;
  // The first failure ends the check of a string: a too short name is not held against the pattern as well.
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    return [
      violation(
        'FieldValueTooLong',
        path,
        `Too long: may not be more than ${schema.maxLength} bytes`,
      ),
    ];
  }
  if (schema.minLength !== undefined && length < schema.minLength) {
    return found(`should be at least ${schema.minLength} chars long`);
  }
  if (schema.pattern && !schema.pattern.test(value)) {
    return found(`should match '${schema.pattern.source}'`);
  }
  if (schema.enum && !schema.enum.includes(value)) {
    return [
      violation(
        'FieldValueNotSupported',
        path,
        `Unsupported value: ${JSON.stringify(
          value,
        )}: supported values: ${schema.enum
          .map(each => JSON.stringify(each))
          .join(', ')}`,
      ),
    ];
  }
  return [];
}

function checkNumber(schema: Schema, value: number, path: string): Cause[] {
  const found = (text: string) => [
    violation(
      'FieldValueInvalid',
      path,
      `Invalid value: ${value}: ${path} in body ${text}`,
    ),
  ];
  if (schema.minimum !== undefined && value < schema.minimum) {
    return found(`should be greater than or equal to ${schema.minimum}`);
  }
  if (schema.maximum !== undefined && value > schema.maximum) {
    return found(`should be less than or equal to ${schema.maximum}`);
  }
  return [];
}

function checkStructure(schema: Schema, value: unknown, path: string): Cause[] {
  if (schema.type === 'any' || (value === null && schema.nullable)) {
    return [];
  }
  const actual = typeOf(value);
  if (actual !== schema.type) {
    return [
      violation(
        'FieldValueTypeInvalid',
        path,
        `Invalid value: "${actual}": ${path} in body must be of type ${schema.type}: "${actual}"`,
      ),
    ];
  }
  const causes: Cause[] = [];
  if (typeof value === 'string') {
    causes.push(...checkString(schema, value, path));
  }
  if (typeof value === 'number') {
    causes.push(...checkNumber(schema, value, path));
  }
  if (isJsonObject(value)) {
    for (const name of schema.required ?? []) {
      if (value[name] === undefined) {
        causes.push(
          violation(
            'FieldValueRequired',
            childPath(path, name),
            'Required value',
          ),
        );
      }
    }
  }
  forEachChild(schema, value, path, (childSchema, child, at) => {
    causes.push(...checkStructure(childSchema, child, at));
  });
  if (Array.isArray(value)) {
    if (schema.minItems !== undefined && value.length < schema.minItems) {
      causes.push(
        violation(
          'FieldValueInvalid',
          path,
          `Invalid value: ${value.length}: ${path} in body should have at least ${schema.minItems} items`,
        ),
      );
    }
    if (schema.maxItems !== undefined && value.length > schema.maxItems) {
      causes.push(
        violation(
          'FieldValueTooMany',
          path,
          `Too many: ${value.length}: must have at most ${schema.maxItems} items`,
        ),
      );
    }
  }
  return causes;
}

function identityOf(schema: Schema, item: unknown): string | undefined {
  if (schema.list?.type === 'map') {
    const key = isJsonObject(item) ? item[schema.list.key] : undefined;
    return key === undefined
      ? undefined
      : JSON.stringify({ [schema.list.key]: key });
  }
  return JSON.stringify(item);
}

function checkLists(schema: Schema, value: unknown, path: string): Cause[] {
  const causes: Cause[] = [];
  if (schema.list && Array.isArray(value)) {
    const seen = new Set<string>();
    value.forEach((item, index) => {
      const identity = identityOf(schema, item);
      if (identity === undefined) {
        return;
      }
      if (seen.has(identity)) {
        causes.push(
          violation(
            'FieldValueDuplicate',
            `${path}[${index}]`,
            `Duplicate value: ${identity}`,
          ),
        );
      }
      seen.add(identity);
    });
  }
  forEachChild(schema, value, path, (childSchema, child, at) => {
    causes.push(...checkLists(childSchema, child, at));
  });
  return causes;
}

/** The value that stood in the place of a child before the update; list-map entries are found by key. */
function oldChild(
  schema: Schema,
  old: unknown,
  child: unknown,
  key: string,
): unknown {
  if (isJsonObject(old)) {
    return old[key];
  }
  if (Array.isArray(old) && schema.list?.type === 'map') {
    const identity = identityOf(schema, child);
    return old.find(item => identityOf(schema, item) === identity);
  }
  return undefined;
}

function checkRules(
  schema: Schema,
  value: unknown,
  old: unknown,
  path: string,
): Cause[] {
  if (value === null) {
    return [];
  }
  const causes: Cause[] = [];
  for (const rule of schema.rules ?? []) {
    if (rule.transition && (old === undefined || old === null)) {
      continue;
    }
    if (!rule.holds(value, old)) {
      const shown =
        typeof value === 'object' ? '' : `${JSON.stringify(value)}: `;
      causes.push(
        violation(
          'FieldValueInvalid',
          path,
          `Invalid value: ${shown}${rule.message}`,
        ),
      );
    }
  }
  forEachChild(schema, value, path, (childSchema, child, at, key) => {
    causes.push(
      ...checkRules(childSchema, child, oldChild(schema, old, child, key), at),
    );
  });
  return causes;
}

/**
 * Holds a value against its schema in the order of the API server: structure, uniqueness in lists, then rules,
 * which are left out when the structure is broken.
 */
export function validate(options: {
  schema: Schema;
  value: unknown;
  old?: unknown;
}): Cause[] {
  const { schema, value, old } = options;
  const causes = [
    ...checkStructure(schema, value, ''),
    ...checkLists(schema, value, ''),
  ];
  if (causes.some(cause => BLOCKING_REASONS.has(cause.reason!))) {
    return [...causes, RULES_SKIPPED];
  }
  return [...causes, ...checkRules(schema, value, old, '')];
}

/** Builders that keep schemas readable. */
export const string = (more: Partial<Schema> = {}): Schema => ({
  type: 'string',
  ...more,
});
export const integer = (more: Partial<Schema> = {}): Schema => ({
  type: 'integer',
  ...more,
});
export const boolean = (more: Partial<Schema> = {}): Schema => ({
  type: 'boolean',
  ...more,
});
export const any = (more: Partial<Schema> = {}): Schema => ({
  type: 'any',
  ...more,
});
export const array = (items: Schema, more: Partial<Schema> = {}): Schema => ({
  type: 'array',
  items,
  ...more,
});
export const map = (values: Schema, more: Partial<Schema> = {}): Schema => ({
  type: 'object',
  additionalProperties: values,
  ...more,
});
/** An object whose content is not looked at. */
export const open = (more: Partial<Schema> = {}): Schema => ({
  type: 'object',
  open: true,
  ...more,
});
/** An object with listed fields; a name that ends in `!` is required. */
export function object(
  fields: Record<string, Schema>,
  more: Partial<Schema> = {},
): Schema {
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const [field, schema] of Object.entries(fields)) {
    const name = field.replace(/!$/, '');
    properties[name] = schema;
    if (name !== field) {
      required.push(name);
    }
  }
  return {
    type: 'object',
    properties,
    ...(required.length > 0 && { required }),
    ...more,
  };
}
