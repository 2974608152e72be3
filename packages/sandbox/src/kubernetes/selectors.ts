import { badRequest } from './status';
import { KubernetesObject } from './types';

type Predicate = (object: KubernetesObject) => boolean;

/** Splits at commas that are not inside parentheses, as in `a in (x,y),b`. */
function splitRequirements(selector: string): string[] {
  return selector
    .split(/,(?![^(]*\))/)
    .map(part => part.trim())
    .filter(Boolean);
}

function labelRequirement(text: string): Predicate {
  const labelsOf = (object: KubernetesObject) => object.metadata.labels ?? {};
  const set = text.match(/^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/);
  if (set) {
    const [, key, operator, list] = set;
    const values = list.split(',').map(value => value.trim());
    return operator === 'in'
      ? object =>
          Object.hasOwn(labelsOf(object), key) &&
          values.includes(labelsOf(object)[key])
      : object => !values.includes(labelsOf(object)[key]);
  }
  const equality = text.match(/^([^\s!=]+)\s*(==|=|!=)\s*([^\s!=]*)$/);
  if (equality) {
    const [, key, operator, value] = equality;
    return operator === '!='
      ? object => labelsOf(object)[key] !== value
      : object => labelsOf(object)[key] === value;
  }
  const exists = text.match(/^(!?)\s*([^\s!=()]+)$/);
  if (exists) {
    const [, negation, key] = exists;
    return object => Object.hasOwn(labelsOf(object), key) !== Boolean(negation);
  }
  throw badRequest(
    `unable to parse requirement: found '${text}', expected a label requirement`,
  );
}

/** Reads a `labelSelector`: equality, set and existence requirements. */
export function parseLabelSelector(selector: string): Predicate {
  const requirements = splitRequirements(selector).map(labelRequirement);
  return object => requirements.every(holds => holds(object));
}

/** Fields a resource can be selected by, and how each is read. */
export type FieldLabels = Record<
  string,
  (object: KubernetesObject) => string | undefined
>;

const COMMON_FIELDS: FieldLabels = {
  'metadata.name': object => object.metadata.name,
  'metadata.namespace': object => object.metadata.namespace,
};

interface FieldRequirement {
  field: string;
  value: string;
  negated: boolean;
}

function parseFieldRequirements(selector: string): FieldRequirement[] {
  return selector
    .split(',')
    .filter(Boolean)
    .map(part => {
      const match = part.match(/^([^=!]+)(==|=|!=)(.*)$/);
      if (!match) {
        throw badRequest(
          `invalid selector: '${selector}'; can't understand '${part}'`,
        );
      }
      const [, field, operator, value] = match;
      return { field, value, negated: operator === '!=' };
    });
}

/** Reads a `fieldSelector` over the fields that the resource offers. */
export function parseFieldSelector(
  selector: string,
  resource: { custom: boolean; fieldLabels: FieldLabels },
): Predicate {
  const labels = { ...COMMON_FIELDS, ...resource.fieldLabels };
  const requirements = parseFieldRequirements(selector);
  for (const { field } of requirements) {
    if (!Object.hasOwn(labels, field)) {
      throw badRequest(
        resource.custom || Object.keys(resource.fieldLabels).length
          ? `field label not supported: ${field}`
          : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
      );
    }
  }
  return object =>
    requirements.every(
      ({ field, value, negated }) =>
        ((labels[field](object) ?? '') === value) !== negated,
    );
}

/** The one name a field selector asks for, if it does. */
export function nameInFieldSelector(selector: string): string | undefined {
  return parseFieldRequirements(selector).find(
    ({ field, negated }) => field === 'metadata.name' && !negated,
  )?.value;
}
