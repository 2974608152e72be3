import { RepositoryFile } from '../../types';
import { leavesOf, toSecretManifest, writePreview } from '../manifest';
import {
  SecretLink,
  SecretMisfit,
  SecretPlan,
  SecretRefusal,
  SecretSlot,
  SecretWriter,
  UNSEALED,
} from '../SecretWriter';
import { encryptTree } from './encrypt';
import { isRecipient } from './isRecipient';
import { configPathsOf, findRule, isSelected, SopsRule } from './rules';

/**
 * Writes Secrets as SOPS does with age keys, for an engine that decrypts them (Flux). The repository's own `.sops.yaml`
 * decides for whom; the portal needs no key of its own and cannot read what it wrote.
 *
 * @public
 */
export class SopsWriter implements SecretWriter {
  readonly id = 'sops';
  readonly manifestKind = 'Secret';
  readonly readers = 'the keys that `.sops.yaml` names';
  readonly #now: () => Date;

  constructor(options: { now?: () => Date } = {}) {
    this.#now = options.now ?? (() => new Date());
  }

  fits({ build, folder }: SecretLink): true | SecretMisfit {
    return build && !build.decrypts
      ? {
          because: `The ${
            build.by ?? 'Kustomization'
          } that applies ${folder} does not decrypt`,
          instead: build.by
            ? 'seal Secrets for a controller of the cluster, or the cluster would be sent ciphertext'
            : 'give it spec.decryption with provider sops and the Secret of the age key, or the cluster would be sent ciphertext',
        }
      : true;
  }

  fileNames(base: string): string[] {
    return [`${base}.sops.yaml`, `${base}.enc.yaml`, `${base}.yaml`];
  }

  reads(path: string): string[] {
    return configPathsOf(path);
  }

  check(
    slot: SecretSlot,
    files: Record<string, RepositoryFile>,
  ): SecretPlan | SecretRefusal {
    const rule = judge(slot, files);
    return 'code' in rule
      ? rule
      : { rule: rule.title, recipients: rule.recipients.toSorted() };
  }

  async seal(
    slot: SecretSlot,
    values: Record<string, string>,
    files: Record<string, RepositoryFile>,
  ): Promise<string> {
    const rule = judge({ ...slot, keys: Object.keys(values) }, files);
    if ('code' in rule) {
      throw new Error(rule.message);
    }
    return encryptTree(toSecretManifest(slot, values), rule, this.#now());
  }

  preview(slot: SecretSlot): string {
    const data = Object.fromEntries(slot.keys.map(key => [key, UNSEALED]));
    return writePreview({ ...toSecretManifest(slot, {}), data });
  }
}

/** The rule for a slot, if it may be used: every value encrypted, and everything readable that an engine has to read. */
function judge(
  slot: SecretSlot,
  files: Record<string, RepositoryFile>,
): SopsRule | SecretRefusal {
  const rule = findRule(slot.path, files);
  if ('code' in rule) {
    return rule;
  }
  const wrong = rule.recipients.find(recipient => !isRecipient(recipient));
  if (wrong) {
    return {
      code: 'rule-unusable',
      message: `${wrong} in ${rule.title} is not a public age key that the portal can encrypt for; a public key looks like age1… and has 62 characters`,
    };
  }
  const values = Object.fromEntries(slot.keys.map(key => [key, 'x']));
  const leaves = leavesOf(toSecretManifest(slot, values));
  const isValue = (path: string[]) => path[0] === 'data';
  const clear = leaves.filter(
    path => isValue(path) && !isSelected(rule.selector, path),
  );
  const hidden = leaves.filter(
    path => !isValue(path) && isSelected(rule.selector, path),
  );
  if (clear.length || hidden.length) {
    const what = clear.length
      ? `would leave ${clear.map(path => path.join('.')).join(', ')} in clear`
      : `would encrypt ${hidden
          .map(path => path.join('.'))
          .join(', ')}, which Flux and Kubernetes have to read`;
    return {
      code: 'rule-leaks',
      message: `R${rule.title.slice(
        1,
      )} ${what}; use encrypted_regex: ^(data|stringData)$ in it, or in a rule above it for ${
        slot.path
      }`,
    };
  }
  return rule;
}
