import { isRecord } from '../plan/kustomize/RenderedObject';
import { Installation } from './types';
import { textAt, valueAt, YamlKeys } from './yamlFiles';

/** A list in the values of a chart that makes something on the server. */
interface ChartList {
  type: 'bucket' | 'user' | 'policy';
  at: YamlKeys;
  /** The key of an entry that names what it makes. */
  key: string;
}

/** A chart that the portal knows. */
export interface Chart {
  how: Installation['how'];
  software: Installation['software'];
  /** In words that follow "of". */
  title: string;
  lists: ChartList[];
  /** Names a Secret that holds the lists instead of the values. */
  hiddenBy?: YamlKeys;
  effect: string;
}

const RESETS =
  'Its Job runs on every upgrade: it sets the passwords of its list again, turns users on again that were turned off, and says that it has succeeded whatever happened';

const CHARTS = {
  official: {
    how: 'official-chart',
    software: 'rustfs',
    title: 'the official chart',
    lists: [],
    effect: '',
  },
  cloudpirates: {
    how: 'cloudpirates-chart',
    software: 'rustfs',
    title: 'the CloudPirates chart',
    lists: [
      { type: 'bucket', at: ['setup', 'buckets'], key: 'name' },
      { type: 'user', at: ['setup', 'users'], key: 'name' },
      { type: 'policy', at: ['setup', 'policies'], key: 'name' },
    ],
    hiddenBy: ['setup', 'existingSecret'],
    effect: RESETS,
  },
  minio: {
    how: 'minio-chart',
    software: 'minio',
    title: 'the MinIO chart',
    lists: [
      { type: 'bucket', at: ['buckets'], key: 'name' },
      { type: 'user', at: ['users'], key: 'accessKey' },
      { type: 'user', at: ['svcaccts'], key: 'accessKey' },
      { type: 'policy', at: ['policies'], key: 'name' },
    ],
    effect:
      'Its Job runs on every upgrade and sets versioning as the list says; with purge it empties the bucket',
  },
  minioTenant: {
    how: 'minio-tenant-chart',
    software: 'minio',
    title: 'the chart of MinIO Tenants',
    lists: [{ type: 'bucket', at: ['tenant', 'buckets'], key: 'name' }],
    effect: 'The MinIO operator makes it again whenever it looks',
  },
} satisfies Record<string, Chart>;

/** Either of the two charts that are called `rustfs`: their names and versions do not tell them apart. */
const EITHER: Chart = { ...CHARTS.cloudpirates, how: 'rustfs-chart' };

const GENERAL: Record<Installation['software'], Chart> = {
  rustfs: {
    how: 'general-chart',
    software: 'rustfs',
    title: 'a general chart',
    lists: [],
    effect: '',
  },
  minio: {
    how: 'general-chart',
    software: 'minio',
    title: 'a general chart',
    lists: [],
    effect: '',
  },
};

/**
 * Which chart is meant.
 *
 * @param values - of all layers, the last first, as the chart sees them
 */
export function recognizeChart(
  { name = '', repository = '' }: { name?: string; repository?: string },
  values: unknown[],
): Chart | undefined {
  const address = `${repository}/${name}`.toLowerCase();
  const plain = name.split('/').at(-1);
  if (plain === 'minio') {
    return CHARTS.minio;
  }
  if (plain === 'tenant' && hasAny(values, ['tenant'])) {
    return CHARTS.minioTenant;
  }
  if (plain === 'rustfs') {
    if (address.includes('cloudpirates')) {
      return CHARTS.cloudpirates;
    }
    return (
      recognizeRustfsValues(values) ??
      (/(^|[/.])rustfs\.(com|github\.io)\//.test(address)
        ? CHARTS.official
        : EITHER)
    );
  }
  const software = values.map(findImage).find(image => image !== undefined);
  return software && GENERAL[software];
}

/** Each of the charts has keys of its own. */
function recognizeRustfsValues(values: unknown[]): Chart | undefined {
  if (
    ['mode', 'secret', 'storageclass'].some(key => hasAny(values, [key])) ||
    hasAny(values, ['config', 'rustfs'])
  ) {
    return CHARTS.official;
  }
  return ['auth', 'setup', 'deploymentType'].some(key => hasAny(values, [key]))
    ? CHARTS.cloudpirates
    : undefined;
}

/** Values without a chart beside them, by their shape alone; with the key below which the chart finds them. */
export function recognizeLooseValues(
  value: Record<string, unknown>,
  path: string,
): { chart: Chart; below: YamlKeys } | undefined {
  const levels: YamlKeys[] = [
    [],
    ...Object.keys(value)
      .filter(key => isRecord(value[key]))
      .map(key => [key]),
  ];
  for (const below of levels) {
    const at = (...keys: YamlKeys) => valueAt(value, [...below, ...keys]);
    const has = (...keys: YamlKeys) => Array.isArray(at(...keys));
    if (
      isRecord(at('setup')) &&
      ['buckets', 'users', 'policies'].some(list => has('setup', list))
    ) {
      return { chart: CHARTS.cloudpirates, below };
    }
    if (has('tenant', 'pools') && has('tenant', 'buckets')) {
      return { chart: CHARTS.minioTenant, below };
    }
    const buckets = at('buckets');
    const isMinio =
      Array.isArray(buckets) &&
      buckets.some(
        bucket =>
          isRecord(bucket) &&
          typeof bucket.name === 'string' &&
          ['purge', 'versioning', 'objectlocking'].some(key => key in bucket),
      );
    if (isMinio && /minio/i.test(`${path}/${below.join('/')}`)) {
      return { chart: CHARTS.minio, below };
    }
  }
  return undefined;
}

function hasAny(values: unknown[], keys: YamlKeys): boolean {
  return values.some(value => valueAt(value, keys) !== undefined);
}

/** `rustfs/rustfs`, from whatever registry, with tag and digest or without. */
const IMAGE = /(?:^|\/)(rustfs\/rustfs|minio\/minio)(?:[:@][^/\s]*)?$/;

/** The server whose image is named anywhere in values or in a manifest. */
export function findImage(
  value: unknown,
): Installation['software'] | undefined {
  if (Array.isArray(value)) {
    return value.map(findImage).find(found => found !== undefined);
  }
  if (!isRecord(value)) {
    return undefined;
  }
  const own =
    softwareOf(textAt(value, ['repository'])) ??
    softwareOf(textAt(value, ['image']));
  return own ?? findImage(Object.values(value));
}

function softwareOf(
  image: string | undefined,
): Installation['software'] | undefined {
  const found = image && IMAGE.exec(image)?.[1];
  if (!found) {
    return undefined;
  }
  return found.startsWith('rustfs') ? 'rustfs' : 'minio';
}
