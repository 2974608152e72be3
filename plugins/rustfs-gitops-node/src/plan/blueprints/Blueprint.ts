import {
  BlueprintFinding,
  BuildOptions,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  AppliedFolder,
  FileChange,
  Refusal,
  RepositorySnapshot,
} from '../../types';

/**
 * Something that is put into a repository as a whole: files made from a few answers. Pure, so it serves preview and pull
 * request as everything else does.
 *
 * @public
 */
export interface Blueprint {
  readonly id: string;
  /** @param input - as a form gives it; it is checked here */
  plan(input: unknown, place: BlueprintPlace): BlueprintPlan;
}

/**
 * The repository into which a blueprint is put.
 *
 * @public
 */
export interface BlueprintPlace {
  /** As many files as are known, best those of the whole repository. */
  snapshot: RepositorySnapshot;
  /** Who applies the objects of the engine itself, such as a new Kustomization; undefined: that is not known. */
  parent?: { by: string; folder: string; build?: BuildOptions };
  /** Other folders that are applied to the same cluster. */
  others?: AppliedFolder[];
  /** Files that are rendered from templates, by path: the path of the template. */
  rendered?: Record<string, string>;
  /** What runs the server, where the repository shows it. */
  software?: 'rustfs' | 'minio';
}

/**
 * What comes of a blueprint.
 *
 * @public
 */
export type BlueprintPlan =
  | { outcome: 'files'; files: FileChange[]; findings: BlueprintFinding[] }
  | { outcome: 'refused'; reasons: Refusal[] };
