import { Resource } from './resources';
import { Cause } from './status';
import { KubernetesObject } from './types';

interface NameForm {
  pattern: RegExp;
  maxLength: number;
  explanation: string;
}

const NAME_FORMS: Record<Resource['nameForm'], NameForm> = {
  subdomain: {
    pattern:
      /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    maxLength: 253,
    explanation: `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
  },
  label: {
    pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    maxLength: 63,
    explanation: `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
  },
  service: {
    pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
    maxLength: 63,
    explanation: `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')`,
  },
};

const QUALIFIED_NAME =
  /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

function invalidValue(field: string, value: unknown, why: string): Cause {
  return {
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
    field,
  };
}

function checkKey(field: string, key: string): Cause[] {
  const name = key.split('/').pop() ?? '';
  if (name.length > 63) {
    return [
      invalidValue(field, key, 'name part must be no more than 63 bytes'),
    ];
  }
  return QUALIFIED_NAME.test(key)
    ? []
    : [
        invalidValue(
          field,
          key,
          `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
        ),
      ];
}

function checkLabelValue(value: string): Cause[] {
  if (value.length > 63) {
    return [
      invalidValue('metadata.labels', value, 'must be no more than 63 bytes'),
    ];
  }
  return LABEL_VALUE.test(value)
    ? []
    : [
        invalidValue(
          'metadata.labels',
          value,
          `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
        ),
      ];
}

const MAX_ANNOTATIONS_LENGTH = 256 * 1024;

/** Checks name, labels and annotations the way the API server does for every kind. */
export function checkMetadata(
  resource: Resource,
  object: KubernetesObject,
): Cause[] {
  const { name, labels = {}, annotations = {} } = object.metadata;
  const form = NAME_FORMS[resource.nameForm];
  const causes: Cause[] = [];
  if (name.length > form.maxLength) {
    causes.push(
      invalidValue(
        'metadata.name',
        name,
        `must be no more than ${form.maxLength} bytes`,
      ),
    );
  }
  if (!form.pattern.test(name)) {
    causes.push(invalidValue('metadata.name', name, form.explanation));
  }
  for (const [key, value] of Object.entries(labels)) {
    causes.push(...checkKey('metadata.labels', key), ...checkLabelValue(value));
  }
  let annotationsLength = 0;
  for (const [key, value] of Object.entries(annotations)) {
    causes.push(...checkKey('metadata.annotations', key.toLowerCase()));
    annotationsLength += key.length + value.length;
  }
  if (annotationsLength > MAX_ANNOTATIONS_LENGTH) {
    causes.push({
      reason: 'FieldValueTooLong',
      message: `Too long: may not be more than ${MAX_ANNOTATIONS_LENGTH} bytes`,
      field: 'metadata.annotations',
    });
  }
  return causes;
}
