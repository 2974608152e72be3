import { SecretNeed, SecretWriter } from '../../secrets';
import {
  DeclarationTarget,
  FileChange,
  RepositoryFile,
  RepositorySnapshot,
  StorageChange,
} from '../../types';

/** What a layout plans with. */
export interface LayoutInput {
  change: StorageChange;
  snapshot: RepositorySnapshot;
  target: DeclarationTarget;
  /** Encrypts Secrets in this repository; undefined where none are written. */
  writer?: SecretWriter;
  /** The files that the writer reads, beside those of the snapshot. */
  writerFiles: Record<string, RepositoryFile>;
}

/**
 * How a repository declares storage: the files that change, none when all is declared already, or the Secrets that have to
 * be encrypted first.
 *
 * @throws Refused
 */
export type Layout = (
  input: LayoutInput,
) => { files: FileChange[] } | { needs: SecretNeed[] };
