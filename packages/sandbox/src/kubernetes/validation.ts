import { checkMetadata } from './metadata';
import { Resource } from './resources';
import { applyDefaults, validate } from './schema';
import { badRequest, Cause, invalid } from './status';
import { KubernetesObject } from './types';

/** Fills in what a kind has by default. @throws ApiError 400 when a value has a type that cannot be read */
export function complete(resource: Resource, object: KubernetesObject): void {
  applyDefaults(resource.schema, object);
  if (!resource.custom) {
    refuseWrongTypes(resource, object);
  }
  resource.complete?.(object);
}

/** Kinds of Kubernetes itself are decoded into structs: a wrong type is unreadable rather than invalid. */
function refuseWrongTypes(resource: Resource, object: KubernetesObject): void {
  const { kind, version } = resource;
  const slip = validate({ schema: resource.schema, value: object }).find(
    cause => cause.reason === 'FieldValueTypeInvalid',
  );
  if (slip) {
    throw badRequest(
      `${kind} in version "${version}" cannot be handled as a ${kind}: json: cannot unmarshal into Go struct field ${kind}.${slip.field}: wrong type`,
    );
  }
}

/** @throws ApiError 422 with everything that is wrong with the object */
export function check(
  resource: Resource,
  object: KubernetesObject,
  old?: KubernetesObject,
): void {
  const { status: _, ...withoutStatus } = object;
  const causes: Cause[] = [
    ...checkMetadata(resource, object),
    ...validate({ schema: resource.schema, value: withoutStatus, old }),
    ...(resource.check?.(object, old) ?? []),
  ];
  if (causes.length > 0) {
    throw invalid(resource, object.metadata.name, causes);
  }
}

/** The status is held against its own schema, and messages name fields relative to it. */
export function checkStatus(
  resource: Resource,
  object: KubernetesObject,
): void {
  const schema = resource.schema.properties?.status;
  if (!schema || object.status === undefined) {
    return;
  }
  const causes = validate({ schema, value: object.status }).map(cause => ({
    ...cause,
    field: cause.field?.startsWith('<')
      ? cause.field
      : `status.${cause.field}`.replace(/\.$/, ''),
  }));
  if (causes.length > 0) {
    throw invalid(resource, object.metadata.name, causes);
  }
}
