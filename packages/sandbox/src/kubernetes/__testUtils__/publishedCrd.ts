import { evaluate } from '@marcbachmann/cel-js';
import Ajv from 'ajv';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { childPath, Schema } from '../schema';
import { isJsonObject, JsonObject } from '../types';

/** The parts of a CRD's schema that decide whether an object is accepted. */
interface PublishedSchema {
  type?: string;
  nullable?: boolean;
  default?: unknown;
  enum?: unknown[];
  properties?: Record<string, PublishedSchema>;
  additionalProperties?: PublishedSchema | boolean;
  items?: PublishedSchema;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-validations'?: Array<{ rule: string; message: string }>;
  [keyword: string]: unknown;
}

/** Keywords that bound a value. */
export const LIMITS = [
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
] as const;

/** What became of an object: unknown fields, the object with defaults, and whether it is accepted. */
export interface Verdict {
  unknownFields: string[];
  object: unknown;
  accepted: boolean;
  /** Messages of the rules that failed; only looked at where the structure is sound. */
  ruleMessages: string[];
}

function children(
  schema: PublishedSchema,
  value: unknown,
): Array<[PublishedSchema, unknown, string]> {
  if (Array.isArray(value) && schema.items) {
    return value.map((item, index) => [schema.items!, item, `[${index}]`]);
  }
  if (!isJsonObject(value)) {
    return [];
  }
  return Object.entries(value).flatMap(([key, child]) => {
    const found =
      schema.properties?.[key] ??
      (isJsonObject(schema.additionalProperties)
        ? (schema.additionalProperties as PublishedSchema)
        : undefined);
    return found
      ? [[found, child, key] as [PublishedSchema, unknown, string]]
      : [];
  });
}

function join(path: string, step: string): string {
  return step.startsWith('[') ? `${path}${step}` : childPath(path, step);
}

function prune(
  schema: PublishedSchema,
  value: unknown,
  path: string,
): string[] {
  const unknown: string[] = [];
  if (
    isJsonObject(value) &&
    schema.type === 'object' &&
    !schema.additionalProperties &&
    !schema['x-kubernetes-preserve-unknown-fields']
  ) {
    for (const key of Object.keys(value)) {
      if (!schema.properties?.[key]) {
        delete value[key];
        unknown.push(childPath(path, key));
      }
    }
  }
  for (const [child, item, step] of children(schema, value)) {
    unknown.push(...prune(child, item, join(path, step)));
  }
  return unknown;
}

function applyDefaults(schema: PublishedSchema, value: unknown): void {
  if (isJsonObject(value)) {
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      if (value[key] === null && !property.nullable) {
        delete value[key];
      }
      if (value[key] === undefined && property.default !== undefined) {
        value[key] = structuredClone(property.default);
      }
    }
  }
  for (const [child, item] of children(schema, value)) {
    applyDefaults(child, item);
  }
}

/** Kubernetes writes "or null" as `nullable`; JSON schema as a type. */
function toJsonSchema(schema: PublishedSchema): JsonObject {
  const result: JsonObject = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'properties') {
      result.properties = Object.fromEntries(
        Object.entries(schema.properties!).map(([key, property]) => [
          key,
          toJsonSchema(property),
        ]),
      );
    } else if (keyword === 'items') {
      result.items = toJsonSchema(schema.items!);
    } else if (keyword === 'additionalProperties' && isJsonObject(value)) {
      result.additionalProperties = toJsonSchema(value as PublishedSchema);
    } else if (keyword === 'type') {
      result.type = schema.nullable ? [schema.type, 'null'] : schema.type;
    } else if (
      !keyword.startsWith('x-') &&
      !['nullable', 'format', 'description', 'default', 'title'].includes(
        keyword,
      )
    ) {
      result[keyword] = value;
    }
  }
  if (schema.enum && schema.nullable) {
    result.enum = [...new Set([...schema.enum, null])];
  }
  return result;
}

function hasDuplicates(schema: PublishedSchema, value: unknown): boolean {
  if (Array.isArray(value)) {
    const keys = schema['x-kubernetes-list-map-keys'];
    const identities = value.map(item =>
      JSON.stringify(
        keys && isJsonObject(item) ? keys.map(key => item[key]) : item,
      ),
    );
    if (
      ['map', 'set'].includes(schema['x-kubernetes-list-type'] ?? '') &&
      new Set(identities).size < identities.length
    ) {
      return true;
    }
  }
  return children(schema, value).some(([child, item]) =>
    hasDuplicates(child, item),
  );
}

function correlated(
  schema: PublishedSchema,
  old: unknown,
  item: unknown,
  step: string,
): unknown {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (Array.isArray(old) && keys && isJsonObject(item)) {
    return old.find(each => keys.every(key => each[key] === item[key]));
  }
  return isJsonObject(old) ? old[step] : undefined;
}

/** Numbers of JSON are doubles for the evaluator; the rules compare integers. */
function toCel(value: unknown): unknown {
  if (typeof value === 'number' && Number.isInteger(value)) {
    return BigInt(value);
  }
  if (Array.isArray(value)) {
    // A new array of this realm: Jest's structuredClone makes those of another, which the evaluator does not know.
    return Array.from(value, toCel);
  }
  if (isJsonObject(value)) {
    // A null is as good as absent to `has`.
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, item]) => item !== null)
        .map(([key, item]) => [key, toCel(item)]),
    );
  }
  return value;
}

function failedRules(
  schema: PublishedSchema,
  value: unknown,
  old: unknown,
): string[] {
  if (value === null) {
    return [];
  }
  const failed: string[] = [];
  for (const { rule, message } of schema['x-kubernetes-validations'] ?? []) {
    const isTransition = rule.includes('oldSelf');
    if (isTransition && old === undefined) {
      continue;
    }
    const context = { self: toCel(value), oldSelf: toCel(old ?? 0) };
    if (evaluate(rule, context) !== true) {
      failed.push(message);
    }
  }
  for (const [child, item, step] of children(schema, value)) {
    failed.push(
      ...failedRules(child, item, correlated(schema, old, item, step)),
    );
  }
  return failed;
}

/** A published CRD as a judge of objects, independent of this project's own schemas. */
export class PublishedCrd {
  private readonly whole: PublishedSchema;
  private readonly schema: PublishedSchema;
  private readonly isSound: (value: unknown) => boolean;

  constructor(file: string) {
    const crd = parse(readFileSync(file, 'utf8'));
    this.whole = crd.spec.versions[0].schema.openAPIV3Schema;
    const { properties, ...rest } = crd.spec.versions[0].schema.openAPIV3Schema;
    // Status is not part of what people write.
    const { status: _, ...judged } = properties;
    this.schema = { ...rest, properties: judged };
    const ajv = new Ajv({ strict: false, unicodeRegExp: false });
    this.isSound = ajv.compile(toJsonSchema(this.schema));
  }

  /** Every field with its constraints, as deep as the other schema looks. */
  structure(
    other: Schema,
    schema: PublishedSchema = this.whole,
    path = '',
  ): Record<string, object> {
    const isOpen = other.open || other.type === 'any';
    const { nullable = false, items, required, properties = {} } = schema;
    const keys = schema['x-kubernetes-list-map-keys'];
    const facts = {
      type: other.type === 'any' ? 'any' : schema.type,
      nullable,
      required: isOpen
        ? [...(other.required ?? [])]
        : [...((required as string[]) ?? [])].sort(),
      pattern: schema.pattern,
      default: schema.default,
      enum: schema.enum?.filter(value => value !== null),
      limits: LIMITS.map(limit => schema[limit]),
      list: keys?.[0] ?? schema['x-kubernetes-list-type'],
      rules: (schema['x-kubernetes-validations'] ?? []).map(
        ({ message }) => message,
      ),
    };
    const below: Array<Record<string, object>> = [];
    if (!isOpen) {
      for (const [key, property] of Object.entries(properties)) {
        below.push(
          this.structure(
            other.properties?.[key] ?? { type: 'any' },
            property,
            `${path}.${key}`,
          ),
        );
      }
      if (items) {
        below.push(
          this.structure(other.items ?? { type: 'any' }, items, `${path}[]`),
        );
      }
      if (isJsonObject(schema.additionalProperties)) {
        below.push(
          this.structure(
            other.additionalProperties ?? { type: 'any' },
            schema.additionalProperties as PublishedSchema,
            `${path}.*`,
          ),
        );
      }
    }
    return Object.assign({ [path]: facts }, ...below);
  }

  judge(given: JsonObject, old?: JsonObject): Verdict {
    const object = structuredClone(given);
    const unknownFields = prune(this.schema, object, '').sort();
    applyDefaults(this.schema, object);
    const isSound = this.isSound(object) && !hasDuplicates(this.schema, object);
    const ruleMessages = isSound ? failedRules(this.schema, object, old) : [];
    return {
      unknownFields,
      object,
      accepted: isSound && ruleMessages.length === 0,
      ruleMessages: ruleMessages.sort(),
    };
  }
}
