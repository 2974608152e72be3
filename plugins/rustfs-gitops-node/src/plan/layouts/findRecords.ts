import { DeclarationTarget } from '../../types';
import { namespaceOf, RenderedObject } from '../kustomize/RenderedObject';
import { folderOf } from '../paths';
import { readRecord, RecordData } from './records';

/** A record in the files. */
export interface FoundRecord {
  object: RenderedObject;
  type: 'bucket' | 'access';
  data: RecordData;
}

/** The records of a tenant. */
export function findRecords(
  { objects }: { objects: RenderedObject[] },
  target: DeclarationTarget,
): FoundRecord[] {
  return objects.flatMap(object => {
    const record = readRecord(object.manifest, namespaceOf(object), target);
    return record ? [{ object, ...record }] : [];
  });
}

/** Where records of a type are kept here already: the folder that has most of them. */
export function folderOfRecords(
  records: FoundRecord[],
  type: FoundRecord['type'],
  { otherwise }: { otherwise: string },
): string {
  const counts = new Map<string, number>();
  for (const { object, type: other } of records) {
    if (other === type) {
      const folder = folderOf(object.path);
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
  }
  const [most] = [...counts].sort(
    ([a, n], [b, m]) => m - n || (a < b ? -1 : 1),
  );
  return most?.[0] ?? otherwise;
}

/** A file that is called `kustomization.yaml` would be taken for one; no name begins with an underscore. */
export function recordFileOf(name: string): string {
  return name === 'kustomization' ? `_${name}.yaml` : `${name}.yaml`;
}
