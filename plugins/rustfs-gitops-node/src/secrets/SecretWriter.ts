import {
  AccessDeclared,
  BuildOptions,
} from '@rustfs-portal/plugin-rustfs-common';
import { RepositoryFile } from '../types';

/**
 * A Kubernetes Secret that a change needs in Git, without its values.
 *
 * @public
 */
export interface SecretSlot {
  /** Names the slot within its request: `server.<access>`, `consumer.<access>`. */
  id: string;
  /** From the root of the repository. */
  path: string;
  name: string;
  namespace: string;
  labels: Record<string, string>;
  /** The keys of `data`. */
  keys: string[];
  /** What it holds opens nothing, so it need not be readable: an access ends also while its certificate has expired. */
  isDiscarded?: boolean;
}

/**
 * Why a Secret cannot be written at a path.
 *
 * `no-rule`: nothing says how secrets are encrypted there; `rule-unusable`: the rule that applies names keys or options that
 * the writer cannot serve; `rule-leaks`: the rule would leave a value in clear, or encrypt what the GitOps engine has to
 * read; `certificate-missing`, `certificate-unusable`, `certificate-expired`: of what is encrypted for a certificate.
 *
 * @public
 */
export interface SecretRefusal {
  code:
    | 'no-rule'
    | 'rule-unusable'
    | 'rule-leaks'
    | 'certificate-missing'
    | 'certificate-unusable'
    | 'certificate-expired';
  /** For people: which rule of which file, and what to change. */
  message: string;
}

/**
 * How a Secret will be written at a path.
 *
 * @public
 */
export interface SecretPlan {
  /** The file and rule that decide, in words: `rule 2 of clusters/atlas/.sops.yaml`. */
  rule: string;
  /** The public keys that it is encrypted for, sorted; when they change, what was sealed for others has to be sealed anew. */
  recipients: string[];
  /** What whoever reviews it has to know: sentences for the pull request. */
  notes?: string[];
}

/**
 * How an engine brings a folder with Secrets into a cluster, as far as a writer has to know.
 *
 * @public
 */
export interface SecretLink {
  folder: string;
  /** What the engine does to the files on their way; undefined is not known. */
  build?: BuildOptions;
}

/**
 * Why what a writer writes would be of no use in a place.
 *
 * @public
 */
export interface SecretMisfit {
  because: string;
  /** What to do instead. */
  instead: string;
}

/**
 * How a secret gets into Git without being there in clear.
 *
 * The files that a writer is given are those whose paths {@link SecretWriter.reads} has answered, as far as they are
 * there. Only the methods `seal` and `check` look at them, so a writer is pure but for the randomness of its ciphertext.
 *
 * @public
 */
export interface SecretWriter {
  /** `sops`. */
  readonly id: string;
  /** The kind of the object that it writes, by which one that is there already is known: `Secret`, `SealedSecret`. */
  readonly manifestKind: string;
  /** Who can decrypt, for whoever reviews: `the keys that .sops.yaml names`. */
  readonly readers: string;
  /**
   * Its reader keeps the keys of before when he makes another: what was encrypted for one of them stays readable. Otherwise
   * other keys are other readers.
   */
  readonly opensOlder?: boolean;
  /** Whether what it writes becomes a Secret where an engine applies a folder like this, or why not. */
  fits(link: SecretLink): true | SecretMisfit;
  /** The names that a file may have for this writer, the best first; `base` is without extension. */
  fileNames(base: string): string[];
  /** Paths of the repository that decide how a Secret at a path is written. */
  reads(path: string): string[];
  /** How the Secret would be written, or why it cannot be. */
  check(
    slot: SecretSlot,
    files: Record<string, RepositoryFile>,
  ): SecretPlan | SecretRefusal;
  /**
   * The manifest with encrypted values, as the text of its file.
   *
   * @param values - clear text by key of `data`; kept nowhere
   * @throws Error when {@link SecretWriter.check} refuses
   */
  seal(
    slot: SecretSlot,
    values: Record<string, string>,
    files: Record<string, RepositoryFile>,
  ): Promise<string>;
  /** The manifest as it is shown before anything is encrypted: {@link UNSEALED} in place of each value. */
  preview(slot: SecretSlot): string;
}

/**
 * What stands in a preview in place of an encrypted value.
 *
 * @public
 */
export const UNSEALED = 'encrypted-when-requested';

/**
 * A Secret that has to be encrypted before a change can be planned.
 *
 * @public
 */
export interface SecretNeed {
  slot: SecretSlot;
  /** What encrypts it: that of the place, or the one that wrote what is there already. */
  writer: SecretWriter;
  plan: SecretPlan;
  /**
   * What it holds: `server`: the key of the user for the provisioner, as `accesskey` and `secretkey`; `consumer`: the same
   * key in the form of the workload; `discarded`: the name of the user with a secret that nobody keeps.
   */
  holds: 'server' | 'consumer' | 'discarded';
  access: AccessDeclared;
}

/**
 * A Secret as it was encrypted for a request: ciphertext, and for whom.
 *
 * @public
 */
export interface SealedSecret {
  /** Id of the slot. */
  id: string;
  /** Id of the writer. */
  writer: string;
  path: string;
  recipients: string[];
  content: string;
}

/**
 * Whether a writer refuses.
 *
 * @public
 */
export function isSecretRefusal(
  answer: SecretPlan | SecretRefusal,
): answer is SecretRefusal {
  return 'code' in answer;
}

/**
 * Whether a writer refuses because of a certificate: nothing new can be encrypted until that is mended, and what is encrypted
 * stays as readable as it was.
 *
 * @public
 */
export function isCertificateRefusal({ code }: SecretRefusal): boolean {
  return code.startsWith('certificate-');
}
