import { isNode } from 'yaml';
import { z } from 'zod';
import { RepositorySnapshot } from '../../types';
import { parseYaml } from '../../yaml';
import { folderOf, joinPath } from '../paths';
import { refuseYaml } from '../readValues';
import { Refused } from '../Refused';

const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

const strings = z.array(z.string()).nullish();
const texts = z.record(z.string(), z.unknown()).nullish();
const things = z.array(z.unknown()).nullish();

/** The fields of a kustomization that the portal knows; kustomize refuses others, but reads these in any case. */
const kustomizationSchema = z.looseObject({
  apiVersion: z.unknown().optional(),
  kind: z.unknown().optional(),
  metadata: z.unknown().optional(),
  resources: strings,
  bases: strings,
  components: strings,
  namespace: z.string().nullish(),
  namePrefix: z.string().nullish(),
  nameSuffix: z.string().nullish(),
  commonLabels: texts,
  commonAnnotations: texts,
  labels: things,
  patches: things,
  patchesStrategicMerge: things,
  patchesJson6902: things,
  replacements: things,
  configurations: things,
  crds: things,
  openapi: z.unknown().optional(),
  generators: things,
  transformers: things,
  validators: things,
  helmCharts: z.unknown().optional(),
  helmChartInflationGenerator: z.unknown().optional(),
  helmGlobals: z.unknown().optional(),
  // These cannot reach a Tenant, its name or its list.
  images: z.unknown().optional(),
  imageTags: z.unknown().optional(),
  replicas: z.unknown().optional(),
  vars: z.unknown().optional(),
  configMapGenerator: z.unknown().optional(),
  secretGenerator: z.unknown().optional(),
  generatorOptions: z.unknown().optional(),
  buildMetadata: z.unknown().optional(),
  sortOptions: z.unknown().optional(),
});

const KNOWN = new Set(Object.keys(kustomizationSchema.shape));

/** A `kustomization.yaml`. */
export interface Kustomization {
  path: string;
  folder: string;
  value: z.output<typeof kustomizationSchema>;
  /** Fields that the portal does not know. */
  unknown: string[];
  /** File and line of what stands at a path. */
  where(...path: Array<string | number>): string;
}

/** @throws Refused when the folder has one that cannot be read */
export function readKustomization(
  snapshot: RepositorySnapshot,
  folder: string,
): Kustomization | undefined {
  const found = NAMES.map(name => joinPath(folder, name)).filter(candidate =>
    Object.hasOwn(snapshot.files, candidate),
  );
  const [path] = found;
  if (path === undefined) {
    return undefined;
  }
  if (found.length > 1) {
    throw new Refused(
      'unsupported',
      `${found.join(
        ' and ',
      )} are both there, and kustomize takes only one; delete the other in Git`,
      { places: found },
    );
  }
  const parsed = (() => {
    try {
      return parseYaml(snapshot.files[path].content);
    } catch (error) {
      throw refuseYaml(path, error);
    }
  })();
  const { data } = kustomizationSchema.safeParse(parsed.values[0] ?? {});
  if (!data) {
    throw new Refused('not-parsable', `${path}:1 is not a kustomization`, {
      places: [`${path}:1`],
    });
  }
  return {
    path,
    folder: folderOf(path),
    value: data,
    unknown: Object.keys(data).filter(key => !KNOWN.has(key)),
    where: (...keys) => {
      const node = parsed.documents[0]?.getIn(keys, true);
      const offset = isNode(node) ? node.range?.[0] : undefined;
      return `${path}:${parsed.lines.linePos(offset ?? 0).line}`;
    },
  };
}
