import { apiVersionOf, Resource } from './resources';
import { applyDefaults, prune, Schema, validate } from './schema';
import { metadataSchema } from './schemas/core';
import { badRequest } from './status';
import {
  isJsonObject,
  JsonObject,
  KubernetesObject,
  ObjectMeta,
} from './types';

/** How strict a write is with fields that the kind does not have. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface WriteOptions {
  dryRun: boolean;
  fieldValidation: FieldValidation;
  /** Findings of reading the body, e.g. keys given twice. */
  decodingProblems?: string[];
}

export interface WriteResult {
  object: KubernetesObject;
  warnings: string[];
}

/** The schema of everything beside `metadata`, with the fields that every object has. */
function wholeSchema(resource: Resource): Schema {
  const { schema } = resource;
  return {
    ...schema,
    properties: {
      ...schema.properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'any' },
    },
  };
}

function goType(value: unknown): string {
  if (Array.isArray(value)) {
    return 'array';
  }
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** Checks what kind of object a body is and drops or refuses what the kind does not have. */
export function admit(
  resource: Resource,
  body: unknown,
  options: WriteOptions & {
    /** The body is an object that a patch was applied to. */
    isPatched?: boolean;
  },
): WriteResult {
  const { kind, version } = resource;
  const apiVersion = apiVersionOf(resource);
  if (!isJsonObject(body)) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; the body is not an object`,
    );
  }
  const object: JsonObject = { apiVersion, kind, ...structuredClone(body) };
  if (object.apiVersion !== apiVersion) {
    throw badRequest(
      `the API version in the data (${object.apiVersion}) does not match the expected API version (${apiVersion})`,
    );
  }
  const cannotHandle = (why: string) =>
    badRequest(
      `${object.kind} in version "${version}" cannot be handled as a ${kind}: ${why}`,
    );
  if (object.kind !== kind) {
    throw cannotHandle(`no kind "${object.kind}" is expected at this address`);
  }
  const metadata = object.metadata ?? {};
  if (!isJsonObject(metadata)) {
    throw cannotHandle(
      `json: cannot unmarshal ${goType(
        metadata,
      )} into Go struct field of type v1.ObjectMeta`,
    );
  }
  const problems = [
    ...(options.decodingProblems ?? []),
    ...[
      ...prune(wholeSchema(resource), object),
      ...prune(metadataSchema, metadata, 'metadata'),
    ]
      .sort()
      .map(path => `unknown field "${path}"`),
  ];
  if (options.fieldValidation === 'Strict' && problems.length > 0) {
    const problem = `strict decoding error: ${problems.join(', ')}`;
    // A patch was not decoded as this kind, so the message does not speak of it.
    throw options.isPatched ? badRequest(problem) : cannotHandle(problem);
  }
  applyDefaults(metadataSchema, metadata);
  const slip = validate({ schema: metadataSchema, value: metadata }).find(
    cause => cause.reason === 'FieldValueTypeInvalid',
  );
  if (slip) {
    throw cannotHandle(
      `json: cannot unmarshal into Go struct field ObjectMeta.metadata.${slip.field}: wrong type`,
    );
  }
  // Field ownership is not tracked, so what clients send back of it is dropped.
  const { managedFields: _, ...kept } = metadata;
  return {
    object: {
      ...object,
      apiVersion,
      kind,
      // What is not a string where one belongs was refused above.
      metadata: kept as unknown as ObjectMeta,
    },
    warnings: options.fieldValidation === 'Warn' ? problems : [],
  };
}
