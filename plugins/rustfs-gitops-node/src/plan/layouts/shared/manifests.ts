import {
  ANNOTATION_REQUEST,
  LABEL_RECORD,
  LABEL_TENANT,
} from '@rustfs-portal/plugin-rustfs-common';
import { DeclarationTarget } from '../../../types';
import { writeScalar } from '../../../yaml';
import { homeNamespaceOf } from '../../renderTarget';

/** Labels of everything that the portal writes. */
export const LABELS = { 'app.kubernetes.io/managed-by': 'rustfs-portal' };

/** A ConfigMap that the portal writes. Flux substitutes nothing in it: its texts are people's, or JSON with dollar signs. */
export function writeConfigMap(options: {
  name: string;
  target: DeclarationTarget;
  requestId: string;
  /** What kind of record it is; undefined when it is none. */
  record?: 'bucket' | 'access';
  data: Record<string, string>;
}): string {
  const { name, target, requestId, record, data } = options;
  return `${[
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata:',
    `  name: ${writeScalar(name)}`,
    `  namespace: ${writeScalar(homeNamespaceOf(target))}`,
    '  labels:',
    '    app.kubernetes.io/managed-by: rustfs-portal',
    ...(record ? [`    ${LABEL_RECORD}: ${record}`] : []),
    // The label by which records are found is for records alone.
    ...(record
      ? [`    ${LABEL_TENANT}: ${writeScalar(target.tenant.name)}`]
      : []),
    '  annotations:',
    `    ${ANNOTATION_REQUEST}: ${writeScalar(requestId)}`,
    // Flux would put cluster variables, secret ones too, where a text says `${name}`.
    '    kustomize.toolkit.fluxcd.io/substitute: disabled',
    'data:',
    ...Object.entries(data).flatMap(([key, value]) =>
      value.includes('\n')
        ? [`  ${writeScalar(key)}: |-`, ...indent(value)]
        : [`  ${writeScalar(key)}: ${writeScalar(value)}`],
    ),
  ].join('\n')}\n`;
}

function indent(text: string): string[] {
  return text.split('\n').map(line => (line ? `    ${line}` : ''));
}
