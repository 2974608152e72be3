import { stringify } from 'yaml';
import { RepositoryFile } from '../../types';
import { TextTree, writePreview } from '../manifest';
import {
  SecretPlan,
  SecretRefusal,
  SecretSlot,
  SecretWriter,
  UNSEALED,
} from '../SecretWriter';
import { capital, readCertificate, UsableCertificate } from './readCertificate';
import { sealValue } from './sealValue';

/**
 * Where a certificate is from: a file of the repository, or read already; `missing` where there is none, with what to do.
 *
 * @public
 */
export type SealingCertificate =
  | { file: string }
  | {
      pem: string;
      /** For words: `the certificate of kube-system/sealed-secrets-controller on atlas`. */
      from: string;
    }
  | { missing: string };

/**
 * Writes `bitnami.com/v1alpha1` SealedSecrets, as `kubeseal` does, which the sealed-secrets controller of the cluster opens. The
 * scope is always strict: a value can be opened under the name and in the namespace that it was sealed for, and nowhere else.
 *
 * @public
 */
export class SealedSecretsWriter implements SecretWriter {
  readonly id = 'sealed-secrets';
  readonly manifestKind = 'SealedSecret';
  readonly readers = 'the sealed-secrets controller of the cluster';
  readonly opensOlder = true;
  readonly #certificate: SealingCertificate;
  readonly #now: () => Date;

  constructor(options: { certificate: SealingCertificate; now?: () => Date }) {
    this.#certificate = options.certificate;
    this.#now = options.now ?? (() => new Date());
  }

  /** Whoever applies a SealedSecret need not know what it is. */
  fits(): true {
    return true;
  }

  fileNames(base: string): string[] {
    return [`${base}.sealedsecret.yaml`];
  }

  reads(): string[] {
    return 'file' in this.#certificate ? [this.#certificate.file] : [];
  }

  check(
    slot: SecretSlot,
    files: Record<string, RepositoryFile>,
  ): SecretPlan | SecretRefusal {
    const from = this.#from();
    const found = this.#read(slot, files);
    if ('code' in found) {
      return found;
    }
    const { endsSoon, fingerprint } = found;
    return {
      rule: from,
      recipients: [`sha256 ${fingerprint}`],
      notes: [
        // Whoever reviews can compare it with what the cluster says.
        `Sealed for ${from}, SHA-256 ${fingerprint}.`,
        ...(endsSoon
          ? [
              `${capital(
                from,
              )} expires on ${endsSoon}: from then on nothing can be sealed for it, while what is sealed stays readable.`,
            ]
          : []),
      ],
    };
  }

  async seal(
    slot: SecretSlot,
    values: Record<string, string>,
    files: Record<string, RepositoryFile>,
  ): Promise<string> {
    const found = this.#read(slot, files);
    if ('code' in found) {
      throw new Error(found.message);
    }
    const label = `${slot.namespace}/${slot.name}`;
    return stringify(
      toSealedSecret(
        slot,
        Object.fromEntries(
          Object.entries(values).map(([key, value]) => [
            key,
            sealValue(found.key, value, label),
          ]),
        ),
      ),
      {
        // Bare, a name such as `no` or `2024-01-01` would be no text for readers of YAML 1.1.
        defaultStringType: 'QUOTE_DOUBLE',
        defaultKeyType: 'PLAIN',
        compat: 'yaml-1.1',
        // Folded, it would be many lines in a diff for one value.
        lineWidth: 0,
      },
    );
  }

  preview(slot: SecretSlot): string {
    return writePreview(
      toSealedSecret(
        slot,
        Object.fromEntries(slot.keys.map(key => [key, UNSEALED])),
      ),
    );
  }

  #from(): string {
    if ('file' in this.#certificate) {
      return this.#certificate.file;
    }
    return 'from' in this.#certificate ? this.#certificate.from : '';
  }

  #read(
    { isDiscarded = false }: SecretSlot,
    files: Record<string, RepositoryFile>,
  ): UsableCertificate | SecretRefusal {
    if ('missing' in this.#certificate) {
      return {
        code: 'certificate-missing',
        message: this.#certificate.missing,
      };
    }
    const from = this.#from();
    const pem =
      'pem' in this.#certificate
        ? this.#certificate.pem
        : files[this.#certificate.file]?.content;
    return pem === undefined
      ? {
          code: 'certificate-missing',
          message: `There is no ${from} in the repository, which rustfs.clusters names as the certificate of the sealed-secrets controller: add what kubeseal --fetch-cert answers`,
        }
      : readCertificate(pem, { from, now: this.#now(), isDiscarded });
  }
}

/** One metadata for both: what is listed by a label is the Secret, and what the portal finds again is the SealedSecret. */
function toSealedSecret(
  {
    labels,
    name,
    namespace,
  }: Pick<SecretSlot, 'labels' | 'name' | 'namespace'>,
  encryptedData: Record<string, string>,
): TextTree {
  const metadata = {
    name,
    namespace,
    ...(Object.keys(labels).length > 0 && { labels }),
    // Else the controller would never look again at a Secret that is left over of a SealedSecret of the same name.
    annotations: { 'sealedsecrets.bitnami.com/managed': 'true' },
  };
  return {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata,
    spec: {
      encryptedData,
      // A copy: the same object twice would be an alias.
      template: { metadata: structuredClone(metadata), type: 'Opaque' },
    },
  };
}
