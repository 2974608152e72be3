import { AccessDeclared } from '@rustfs-portal/plugin-rustfs-common';
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
}

/**
 * Why a Secret cannot be written at a path.
 *
 * `no-rule`: nothing in the repository says how secrets are encrypted there; `rule-unusable`: the rule that applies names
 * keys or options that the writer cannot serve; `rule-leaks`: the rule would leave a value in clear, or encrypt what the
 * GitOps engine has to read.
 *
 * @public
 */
export interface SecretRefusal {
  code: 'no-rule' | 'rule-unusable' | 'rule-leaks';
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
}

/**
 * A Secret that has to be encrypted before a change can be planned.
 *
 * @public
 */
export interface SecretNeed {
  slot: SecretSlot;
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
