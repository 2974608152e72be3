import { open, Schema } from './schema';
import {
  configMapSchema,
  eventSchema,
  namespaceSchema,
  networkPolicySchema,
  podSchema,
  roleBindingSchema,
  roleSchema,
  secretSchema,
  serviceAccountSchema,
  serviceSchema,
  workloadSchema,
} from './schemas/core';
import { applicationSchema } from './schemas/argocd';
import {
  gitRepositorySchema,
  helmReleaseSchema,
  kustomizationSchema,
  ociRepositorySchema,
} from './schemas/flux';
import { tenantSchema } from './schemas/tenant';
import { FieldLabels } from './selectors';
import { badRequest, Cause } from './status';
import { Column, columns } from './columns';
import {
  CustomKind,
  isJsonObject,
  JsonObject,
  KubernetesObject,
} from './types';

/** Everything the server knows about one kind it serves. */
export interface Resource {
  group: string;
  version: string;
  kind: string;
  plural: string;
  singular: string;
  shortNames: string[];
  categories: string[];
  namespaced: boolean;
  /** Defined by a CRD on a real server, which has other habits for those than for its own kinds. */
  custom: boolean;
  hasStatus: boolean;
  /** Whether `metadata.generation` counts changes of the spec. */
  countsGenerations: boolean;
  /** Form of the name: DNS subdomain, DNS label, or DNS label that begins with a letter. */
  nameForm: 'subdomain' | 'label' | 'service';
  schema: Schema;
  columns: Column[];
  fieldLabels: FieldLabels;
  /** Name under which objects are stored: versions of one kind share it. */
  storage: string;
  /** Fills in what the real server fills in; in place. */
  complete?(object: KubernetesObject): void;
  /** Checks beyond the schema. */
  check?(object: KubernetesObject, old?: KubernetesObject): Cause[];
}

function define(
  resource: Pick<Resource, 'version' | 'kind' | 'plural' | 'schema'> &
    Partial<Resource>,
): Resource {
  const group = resource.group ?? '';
  return {
    group,
    singular: resource.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced: true,
    custom: false,
    hasStatus: false,
    countsGenerations: false,
    nameForm: 'subdomain',
    columns: columns.age,
    fieldLabels: {},
    storage: group ? `${group}/${resource.plural}` : resource.plural,
    ...resource,
  };
}

function defineCustom(
  resource: Parameters<typeof define>[0] & { group: string },
): Resource {
  return define({
    custom: true,
    hasStatus: true,
    countsGenerations: true,
    ...resource,
  });
}

const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/;

function checkData(
  object: KubernetesObject,
  old: KubernetesObject | undefined,
  fields: string[],
): Cause[] {
  const causes: Cause[] = [];
  for (const field of fields) {
    const data = object[field];
    for (const key of isJsonObject(data) ? Object.keys(data) : []) {
      if (!CONFIG_KEY.test(key)) {
        causes.push({
          reason: 'FieldValueInvalid',
          message: `Invalid value: ${JSON.stringify(
            key,
          )}: a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
          field: `${field}[${key}]`,
        });
      }
    }
    if (
      old?.immutable === true &&
      JSON.stringify(old[field]) !== JSON.stringify(data)
    ) {
      causes.push({
        reason: 'FieldValueForbidden',
        message: 'Forbidden: field is immutable when `immutable` is set',
        field,
      });
    }
  }
  return causes;
}

const BASE64 =
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** `stringData` is write-only: it ends up encoded in `data`. */
function completeSecret(secret: KubernetesObject): void {
  const data = (secret.data ?? {}) as Record<string, string>;
  for (const [key, value] of Object.entries(data)) {
    if (!BASE64.test(value.replace(/[\r\n]/g, ''))) {
      throw badRequest(
        `Secret in version "v1" cannot be handled as a Secret: illegal base64 data in key "${key}"`,
      );
    }
  }
  for (const [key, value] of Object.entries(
    (secret.stringData ?? {}) as Record<string, string>,
  )) {
    data[key] = Buffer.from(value).toString('base64');
  }
  delete secret.stringData;
  if (Object.keys(data).length > 0) {
    secret.data = data;
  }
}

function checkSecret(
  secret: KubernetesObject,
  old: KubernetesObject | undefined,
): Cause[] {
  const causes = checkData(secret, old, ['data']);
  if (old && old.type !== secret.type) {
    causes.push({
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${JSON.stringify(
        secret.type,
      )}: field is immutable`,
      field: 'type',
    });
  }
  return causes;
}

function completeNamespace(namespace: KubernetesObject): void {
  namespace.metadata.labels = {
    ...namespace.metadata.labels,
    'kubernetes.io/metadata.name': namespace.metadata.name,
  };
  namespace.spec ??= { finalizers: ['kubernetes'] };
  namespace.status ??= { phase: 'Active' };
}

function completeService(service: KubernetesObject): void {
  const spec = service.spec as JsonObject;
  spec.type ??= 'ClusterIP';
  spec.sessionAffinity ??= 'None';
  for (const port of (spec.ports ?? []) as JsonObject[]) {
    port.protocol ??= 'TCP';
    port.targetPort ??= port.port;
  }
}

function text(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

function reference(field: string, part: string) {
  return (object: KubernetesObject) => {
    const target = object[field];
    return isJsonObject(target) ? text(target[part]) : undefined;
  };
}

const eventFields: FieldLabels = {
  ...Object.fromEntries(
    [
      'kind',
      'namespace',
      'name',
      'uid',
      'apiVersion',
      'resourceVersion',
      'fieldPath',
    ].map(part => [
      `involvedObject.${part}`,
      reference('involvedObject', part),
    ]),
  ),
  reason: object => text(object.reason),
  type: object => text(object.type),
  source: reference('source', 'component'),
  reportingComponent: object => text(object.reportingComponent),
};

export const NAMESPACES = define({
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  namespaced: false,
  hasStatus: true,
  nameForm: 'label',
  schema: namespaceSchema,
  columns: columns.namespace,
  fieldLabels: { 'status.phase': reference('status', 'phase') },
  complete: completeNamespace,
});

export const EVENTS = define({
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  schema: eventSchema,
  columns: columns.event,
  fieldLabels: eventFields,
});

export const SERVICE_ACCOUNTS = define({
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  schema: serviceAccountSchema,
});

const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1' };

export const ROLES = define({
  ...RBAC,
  kind: 'Role',
  plural: 'roles',
  schema: roleSchema,
});

export const ROLE_BINDINGS = define({
  ...RBAC,
  kind: 'RoleBinding',
  plural: 'rolebindings',
  schema: roleBindingSchema,
});

/** A kind that runs Pods. */
function defineWorkload(
  resource: Pick<Resource, 'group' | 'kind' | 'plural' | 'columns'> &
    Partial<Resource>,
): Resource {
  return define({
    version: 'v1',
    categories: ['all'],
    hasStatus: true,
    countsGenerations: true,
    schema: workloadSchema,
    ...resource,
  });
}

/** The kinds that every server has. */
export const RESOURCES: Resource[] = [
  NAMESPACES,
  define({
    version: 'v1',
    kind: 'Secret',
    plural: 'secrets',
    schema: secretSchema,
    columns: columns.secret,
    fieldLabels: { type: object => text(object.type) },
    complete: completeSecret,
    check: checkSecret,
  }),
  define({
    version: 'v1',
    kind: 'ConfigMap',
    plural: 'configmaps',
    shortNames: ['cm'],
    schema: configMapSchema,
    columns: columns.configMap,
    check: (object, old) => checkData(object, old, ['data', 'binaryData']),
  }),
  EVENTS,
  define({
    version: 'v1',
    kind: 'Service',
    plural: 'services',
    shortNames: ['svc'],
    categories: ['all'],
    hasStatus: true,
    nameForm: 'service',
    schema: serviceSchema,
    columns: columns.service,
    complete: completeService,
  }),
  define({
    version: 'v1',
    kind: 'Pod',
    plural: 'pods',
    shortNames: ['po'],
    categories: ['all'],
    hasStatus: true,
    schema: podSchema,
    columns: columns.pod,
    fieldLabels: {
      'status.phase': reference('status', 'phase'),
      'spec.nodeName': reference('spec', 'nodeName'),
    },
  }),
  SERVICE_ACCOUNTS,
  ROLES,
  ROLE_BINDINGS,
  defineWorkload({
    group: 'apps',
    kind: 'Deployment',
    plural: 'deployments',
    shortNames: ['deploy'],
    columns: columns.replicas,
  }),
  defineWorkload({
    group: 'apps',
    kind: 'StatefulSet',
    plural: 'statefulsets',
    shortNames: ['sts'],
    columns: columns.replicas,
  }),
  defineWorkload({
    group: 'batch',
    kind: 'CronJob',
    plural: 'cronjobs',
    shortNames: ['cj'],
    columns: columns.cronJob,
  }),
  defineWorkload({
    group: 'batch',
    kind: 'Job',
    plural: 'jobs',
    columns: columns.job,
  }),
  define({
    group: 'networking.k8s.io',
    version: 'v1',
    kind: 'NetworkPolicy',
    plural: 'networkpolicies',
    shortNames: ['netpol'],
    countsGenerations: true,
    schema: networkPolicySchema,
  }),
  defineCustom({
    group: 'rustfs.com',
    version: 'v1alpha1',
    kind: 'Tenant',
    plural: 'tenants',
    shortNames: ['tenant'],
    schema: tenantSchema,
    columns: columns.currentState,
  }),
  defineCustom({
    group: 'source.toolkit.fluxcd.io',
    version: 'v1',
    kind: 'GitRepository',
    plural: 'gitrepositories',
    shortNames: ['gitrepo'],
    schema: gitRepositorySchema,
    columns: columns.source,
  }),
  defineCustom({
    group: 'source.toolkit.fluxcd.io',
    version: 'v1',
    kind: 'OCIRepository',
    plural: 'ocirepositories',
    shortNames: ['ocirepo'],
    schema: ociRepositorySchema,
    columns: columns.source,
  }),
  defineCustom({
    group: 'helm.toolkit.fluxcd.io',
    version: 'v2',
    kind: 'HelmRelease',
    plural: 'helmreleases',
    shortNames: ['hr'],
    schema: helmReleaseSchema,
    columns: columns.ready,
  }),
  defineCustom({
    group: 'kustomize.toolkit.fluxcd.io',
    version: 'v1',
    kind: 'Kustomization',
    plural: 'kustomizations',
    shortNames: ['ks'],
    schema: kustomizationSchema,
    columns: columns.ready,
  }),
  defineCustom({
    group: 'argoproj.io',
    version: 'v1alpha1',
    kind: 'Application',
    plural: 'applications',
    shortNames: ['app', 'apps'],
    schema: applicationSchema,
    hasStatus: false,
  }),
];

export function apiVersionOf(
  resource: Pick<Resource, 'group' | 'version'>,
): string {
  return resource.group
    ? `${resource.group}/${resource.version}`
    : resource.version;
}

/** What a server has that serves further kinds; of what such a kind says nothing is checked. */
export function resourcesWith(customKinds: CustomKind[]): Resource[] {
  return [
    ...RESOURCES,
    ...customKinds.map(kind =>
      defineCustom({ ...kind, schema: open(), columns: columns.ready }),
    ),
  ];
}
