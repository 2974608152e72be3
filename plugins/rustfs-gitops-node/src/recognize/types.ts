/**
 * What a repository shows of the storage in it.
 *
 * @public
 */
export interface RepositoryFindings {
  installations: Installation[];
  /** What is made by others than the portal: lists of charts, an operator's list, scripts. */
  madeElsewhere: MadeElsewhere[];
  /** Lists that cannot be read here, with the reason. */
  hidden: HiddenList[];
  /** Files that are rendered from templates, by path: the path of the template. New files must not take such a path. */
  rendered: Record<string, string>;
}

/**
 * What installs a server.
 *
 * @public
 */
export interface Installation {
  software: 'rustfs' | 'minio';
  /**
   * `rustfs-chart`: one of the two charts of that name, which cannot be told; `general-chart`: a chart for anything, found
   * by its image; `manifest`: a Deployment or StatefulSet; `values`: values of a chart that nothing in the repository names.
   */
  how:
    | 'official-chart'
    | 'cloudpirates-chart'
    | 'rustfs-chart'
    | 'minio-chart'
    | 'minio-tenant-chart'
    | 'general-chart'
    | 'rustfs-operator'
    | 'minio-operator'
    | 'manifest'
    | 'values';
  /** In words: `HelmRelease storage/rustfs`. */
  by: string;
  /** File and line. */
  place: string;
  /** The folder of that file. */
  folder: string;
  namespace?: string;
  /** Whether storage is declared in what installs it; elsewhere a setup folder serves it. */
  layout: 'operator-tenant' | 'setup-folder';
  /** Where a setup folder would lie: beside what installs the server. */
  setupFolder: string;
}

/**
 * A bucket, user or policy that somebody else makes.
 *
 * @public
 */
export interface MadeElsewhere {
  type: 'bucket' | 'user' | 'policy';
  name: string;
  /** Who makes it, in words: `the list setup.buckets of the CloudPirates chart`. */
  by: string;
  /** What that does, as a sentence. */
  effect: string;
  /** Where whoever makes it is declared. */
  folder: string;
  /** Into which namespace, where that is said there. */
  namespace?: string;
  /** The lines to take out, in every file that has them. */
  lines: ListedLines[];
}

/**
 * Lines of a file. What stands in them is not here: they are of other people, and may hold passwords.
 *
 * @public
 */
export interface ListedLines {
  path: string;
  /** From one, both inclusive. */
  from: number;
  to: number;
  /** The template that the file is rendered from, which is what has to be changed. */
  template?: string;
}

/**
 * A list that cannot be read.
 *
 * @public
 */
export interface HiddenList {
  by: string;
  place: string;
  because: string;
  /** As of {@link MadeElsewhere}. */
  folder: string;
  namespace?: string;
}
