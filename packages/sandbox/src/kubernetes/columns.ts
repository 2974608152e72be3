import { isJsonObject, JsonObject, KubernetesObject } from './types';

/** A column of the table form of a list (what `kubectl get` prints). */
export interface Column {
  name: string;
  type: 'string' | 'integer' | 'date';
  /** 1 columns only show with `-o wide`. */
  priority?: number;
  cell(object: KubernetesObject): string | number | null;
}

/** A time span in the words of kubectl: the two largest units that still tell something. */
function humanDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(seconds / 3600);
  const days = Math.floor(hours / 24);
  const pair = (value: number, unit: string, rest: number, restUnit: string) =>
    rest === 0 ? `${value}${unit}` : `${value}${unit}${rest}${restUnit}`;
  if (seconds < 120) {
    return `${seconds}s`;
  }
  if (minutes < 10) {
    return pair(minutes, 'm', seconds % 60, 's');
  }
  if (hours < 3) {
    return `${minutes}m`;
  }
  if (hours < 8) {
    return pair(hours, 'h', minutes % 60, 'm');
  }
  if (hours < 48) {
    return `${hours}h`;
  }
  if (days < 8) {
    return pair(days, 'd', hours % 24, 'h');
  }
  return days < 730 ? `${days}d` : `${Math.floor(days / 365)}y`;
}

function ageOf(time: unknown): string {
  return typeof time === 'string'
    ? humanDuration(Date.now() - Date.parse(time))
    : '<unknown>';
}

function at(object: KubernetesObject, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (value, step) => (isJsonObject(value) ? value[step] : undefined),
    object,
  );
}

function show(value: unknown): string | number {
  return typeof value === 'number' ? value : String(value ?? '');
}

function size(value: unknown): number {
  return isJsonObject(value) ? Object.keys(value).length : 0;
}

const name: Column = {
  name: 'Name',
  type: 'string',
  cell: object => object.metadata.name,
};
const age: Column = {
  name: 'Age',
  type: 'date',
  cell: object => ageOf(object.metadata.creationTimestamp),
};

function field(title: string, ...path: string[]): Column {
  return {
    name: title,
    type: 'string',
    cell: object => show(at(object, ...path)),
  };
}

/** A column that a CRD declares: nothing where the object has no such field. */
function customField(title: string, ...path: string[]): Column {
  return {
    name: title,
    type: 'string',
    cell: object => shownOrNothing(at(object, ...path)),
  };
}

function shownOrNothing(value: unknown): string | number | null {
  return value === undefined ? null : show(value);
}

function conditionOf(object: KubernetesObject, type: string): JsonObject {
  const conditions = at(object, 'status', 'conditions');
  const found = Array.isArray(conditions)
    ? conditions.find(each => isJsonObject(each) && each.type === type)
    : undefined;
  return found ?? {};
}

const readyColumn: Column = {
  name: 'Ready',
  type: 'string',
  cell: object => shownOrNothing(conditionOf(object, 'Ready').status),
};
const statusColumn: Column = {
  name: 'Status',
  type: 'string',
  cell: object => shownOrNothing(conditionOf(object, 'Ready').message),
};

function servicePorts(object: KubernetesObject): string {
  const ports = at(object, 'spec', 'ports');
  return Array.isArray(ports) && ports.length > 0
    ? ports.map(port => `${port.port}/${port.protocol ?? 'TCP'}`).join(',')
    : '<none>';
}

function podReady(object: KubernetesObject): string {
  const statuses = at(object, 'status', 'containerStatuses');
  const containers = at(object, 'spec', 'containers');
  const up = Array.isArray(statuses)
    ? statuses.filter(each => each.ready).length
    : 0;
  return `${up}/${Array.isArray(containers) ? containers.length : 0}`;
}

/** Columns by kind. */
export const columns = {
  age: [name, age],
  currentState: [name, customField('State', 'status', 'currentState'), age],
  ready: [name, age, readyColumn, statusColumn],
  source: [
    name,
    customField('URL', 'spec', 'url'),
    age,
    readyColumn,
    statusColumn,
  ],
  namespace: [name, field('Status', 'status', 'phase'), age],
  secret: [
    name,
    field('Type', 'type'),
    {
      name: 'Data',
      type: 'integer',
      cell: object => size(object.data),
    },
    age,
  ],
  configMap: [
    name,
    {
      name: 'Data',
      type: 'integer',
      cell: object => size(object.data) + size(object.binaryData),
    },
    age,
  ],
  service: [
    name,
    field('Type', 'spec', 'type'),
    {
      name: 'Cluster-IP',
      type: 'string',
      cell: object => show(at(object, 'spec', 'clusterIP') ?? '<none>'),
    },
    { name: 'External-IP', type: 'string', cell: () => '<none>' },
    { name: 'Port(s)', type: 'string', cell: servicePorts },
    age,
  ],
  pod: [
    name,
    { name: 'Ready', type: 'string', cell: podReady },
    field('Status', 'status', 'phase'),
    { name: 'Restarts', type: 'string', cell: () => '0' },
    age,
  ],
  replicas: [
    name,
    {
      name: 'Ready',
      type: 'string',
      cell: object =>
        `${at(object, 'status', 'readyReplicas') ?? 0}/${
          at(object, 'spec', 'replicas') ?? 1
        }`,
    },
    age,
  ],
  cronJob: [
    name,
    field('Schedule', 'spec', 'schedule'),
    {
      name: 'Last Schedule',
      type: 'string',
      cell: object => ageOf(at(object, 'status', 'lastScheduleTime')),
    },
    age,
  ],
  job: [
    name,
    {
      name: 'Status',
      type: 'string',
      cell: object =>
        ['Complete', 'Failed'].find(
          type => conditionOf(object, type).status === 'True',
        ) ?? 'Running',
    },
    age,
  ],
  event: [
    {
      name: 'Last Seen',
      type: 'string',
      cell: object =>
        ageOf(
          object.lastTimestamp ??
            object.eventTime ??
            object.metadata.creationTimestamp,
        ),
    },
    field('Type', 'type'),
    field('Reason', 'reason'),
    {
      name: 'Object',
      type: 'string',
      cell: object => {
        const target = object.involvedObject;
        return isJsonObject(target)
          ? `${String(target.kind).toLowerCase()}/${target.name}`
          : '';
      },
    },
    {
      name: 'Message',
      type: 'string',
      cell: object => show(object.message),
    },
    { ...name, priority: 1 },
  ],
} satisfies Record<string, Column[]>;
