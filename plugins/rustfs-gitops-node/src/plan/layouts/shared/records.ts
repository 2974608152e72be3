import {
  LABEL_RECORD,
  LABEL_TENANT,
} from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';
import { DeclarationTarget } from '../../../types';
import { namespaceOf, RenderedObject } from '../../kustomize/RenderedObject';
import { folderOf } from '../../paths';
import { homeNamespaceOf } from '../../renderTarget';

const manifestSchema = z.object({
  kind: z.literal('ConfigMap'),
  metadata: z.object({
    labels: z.object({
      [LABEL_RECORD]: z.enum(['bucket', 'access']),
      [LABEL_TENANT]: z.string(),
    }),
  }),
  data: z.record(z.string(), z.unknown()),
});

/** The texts of a record. */
export type RecordData = Record<string, string>;

/** A record in the files. */
export interface FoundRecord {
  object: RenderedObject;
  type: 'bucket' | 'access';
  data: RecordData;
}

/** The records of a tenant, where they count. */
export function findRecords(
  { objects }: { objects: RenderedObject[] },
  target: DeclarationTarget,
): FoundRecord[] {
  const home = homeNamespaceOf(target);
  return objects.flatMap(object => {
    const { data } = manifestSchema.safeParse(object.manifest);
    return data &&
      (namespaceOf(object) ?? home) === home &&
      data.metadata.labels[LABEL_TENANT] === target.tenant.name
      ? [
          {
            object,
            type: data.metadata.labels[LABEL_RECORD],
            data: Object.fromEntries(
              Object.entries(data.data).flatMap(([key, value]) =>
                value === null ? [] : [[key, String(value)]],
              ),
            ),
          },
        ]
      : [];
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
