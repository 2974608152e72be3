import {
  KeySecret,
  VersionedRecord,
} from '@rustfs-portal/plugin-rustfs-client';
import {
  LABEL_ACCESS,
  LABEL_RECORD,
  readAccessRecordData,
  readBucketRecordData,
} from '@rustfs-portal/plugin-rustfs-common';
import { DataObject } from './KubernetesApi';

/** Names that can be keys of a ConfigMap. */
const KEY = /^[A-Za-z0-9._-]{1,240}$/;

/** Reads the ConfigMaps of a namespace that are records of a tenant. */
export function readRecords(
  tenant: string,
  objects: DataObject[],
): VersionedRecord[] {
  return objects.map(object => readRecord(tenant, object));
}

function readRecord(tenant: string, object: DataObject): VersionedRecord {
  const { uid, resourceVersion, labels } = object.metadata;
  const data = object.data ?? {};
  const version = { uid, resourceVersion };
  if (labels?.[LABEL_RECORD] === 'bucket') {
    const name = nameOf(tenant, 'bucket', object);
    const record = readBucketRecordData(data);
    return 'bucket' in record
      ? { ...version, type: 'bucket', name, record }
      : {
          ...version,
          type: 'bucket',
          name,
          wrong: wrong(object, record.wrong, record.message),
        };
  }
  const name = nameOf(tenant, 'access', object);
  const record = readAccessRecordData(data);
  return record
    ? { ...version, type: 'access', name, record }
    : {
        ...version,
        type: 'access',
        name,
        wrong: wrong(object, undefined, undefined),
      };
}

/** What a record calls itself; where that cannot be a key of the status, what its object is called. */
function nameOf(
  tenant: string,
  type: 'bucket' | 'access',
  { data, metadata }: DataObject,
): string {
  const said = data?.[type] ?? '';
  const prefix = `${type}.${tenant}.`;
  return KEY.test(said)
    ? said
    : metadata.name.replace(prefix, '').slice(0, 240);
}

function wrong(
  { metadata }: DataObject,
  key: string | undefined,
  message: string | undefined,
): string {
  return [
    `The record in ConfigMap ${metadata.name} cannot be understood`,
    [key, message].filter(Boolean).join(': '),
  ]
    .filter(Boolean)
    .join(': ');
}

/** Reads the Secrets of a namespace that hold keys of users. Secrets without the label of an access are for somebody else. */
export function readSecrets(objects: DataObject[]): KeySecret[] {
  return objects.flatMap(({ metadata, data }) => {
    const access = metadata.labels?.[LABEL_ACCESS];
    const accessKeyId = decode(data?.accesskey);
    const secretAccessKey = decode(data?.secretkey);
    return access
      ? [
          {
            access,
            resourceVersion: metadata.resourceVersion,
            ...(accessKeyId &&
              secretAccessKey && { pair: { accessKeyId, secretAccessKey } }),
          },
        ]
      : [];
  });
}

function decode(base64: string | undefined): string {
  return Buffer.from(base64 ?? '', 'base64')
    .toString('utf8')
    .trim();
}
