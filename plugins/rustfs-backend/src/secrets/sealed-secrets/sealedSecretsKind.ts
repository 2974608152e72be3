import { ServiceUnavailableError } from '@backstage/errors';
import { explainNetworkError } from '@rustfs-portal/plugin-rustfs-common';
import {
  SealedSecretsWriter,
  SealingCertificate,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import {
  SecretPlace,
  SecretWriterKind,
} from '@rustfs-portal/plugin-rustfs-node';
import { ClusterConfig, openTransport } from '../../config';
import { describeSealedSecret } from './describeSealedSecret';

const SEALED_SECRETS = {
  api: '/apis/bitnami.com/v1alpha1',
  resource: 'sealedsecrets',
};

/** Where the manifests of the project put the controller. */
const DEFAULT_CONTROLLER = {
  namespace: 'kube-system',
  name: 'sealed-secrets-controller',
  port: 'http',
};

/** A key is made every 30 days, and every open request asks in every round. */
const KEPT_MS = 60_000;

const MAX_CERTIFICATE_BYTES = 65_536;

type Fetched = {
  certificate: Exclude<SealingCertificate, { file: string }>;
  /** There is no such controller; one that may not be asked, or not be believed, may be there. */
  isAbsent?: boolean;
};

/**
 * Sealed Secrets: the certificate is asked of the controller through the API server, of an address, or lies in the repository. Shown
 * by SealedSecrets in the folder, else by a controller that answers.
 */
export class SealedSecretsKind implements SecretWriterKind {
  readonly id = 'sealed-secrets';
  readonly manifestKind = 'SealedSecret';
  readonly #clusters: Map<string, ClusterConfig>;
  readonly #now: () => number;
  readonly #kept = new Map<string, { at: number; asked: Promise<Fetched> }>();

  constructor(options: { clusters: ClusterConfig[]; now?: () => number }) {
    this.#clusters = new Map(
      options.clusters.map(cluster => [cluster.name, cluster]),
    );
    this.#now = options.now ?? Date.now;
  }

  reads(_path: string, { cluster }: SecretPlace): string[] {
    const { certificateFile } = this.#settings(cluster);
    return certificateFile ? [certificateFile] : [];
  }

  isShownBy({ files }: { files: Record<string, { content: string }> }) {
    return Object.values(files).some(({ content }) =>
      /^\s*kind:\s*["']?SealedSecret\b/m.test(content),
    );
  }

  async isShownIn(place: SecretPlace): Promise<boolean> {
    const { certificateFile } = this.#settings(place.cluster);
    return (
      certificateFile !== undefined || !(await this.#fetchOnce(place)).isAbsent
    );
  }

  async open(place: SecretPlace): Promise<SealedSecretsWriter> {
    const { certificateFile: file } = this.#settings(place.cluster);
    return new SealedSecretsWriter({
      certificate: file ? { file } : (await this.#fetchOnce(place)).certificate,
      now: () => new Date(this.#now()),
    });
  }

  async observe(
    api: NonNullable<SecretPlace['api']>,
    namespace: string,
  ): ReturnType<NonNullable<SecretWriterKind['observe']>> {
    const items = await api.list(SEALED_SECRETS, [namespace]);
    return items.flatMap(item => describeSealedSecret(item) ?? []);
  }

  #settings(cluster: string) {
    return this.#clusters.get(cluster)?.secrets?.sealedSecrets ?? {};
  }

  async #fetchOnce(place: SecretPlace): Promise<Fetched> {
    const now = this.#now();
    const kept = this.#kept.get(place.cluster);
    if (kept && now - kept.at < KEPT_MS) {
      return kept.asked;
    }
    const asked = this.#fetch(place);
    this.#kept.set(place.cluster, { at: now, asked });
    // What could not be told is asked again at once.
    asked.catch(() => this.#kept.delete(place.cluster));
    return asked;
  }

  async #fetch({ api, cluster }: SecretPlace): Promise<Fetched> {
    const { certificateUrl, controller = DEFAULT_CONTROLLER } =
      this.#settings(cluster);
    if (certificateUrl) {
      return this.#fetchFrom(certificateUrl, cluster);
    }
    const elsewhere =
      'Or say in rustfs.clusters under secrets.sealedSecrets where the certificate is: controller, certificateUrl or certificateFile';
    if (!api) {
      return {
        certificate: {
          missing: `The portal does not read cluster ${cluster} itself, so it cannot ask for the certificate of its sealed-secrets controller. Add the cluster to rustfs.clusters`,
        },
        isAbsent: true,
      };
    }
    const { name, namespace } = controller;
    const answer = await api.getFromService({
      ...controller,
      path: '/v1/cert.pem',
    });
    if ('missing' in answer) {
      const isAbsent = answer.missing === 'service';
      const otherwise = isAbsent
        ? ''
        : '. Where Secrets are encrypted with SOPS, add the .sops.yaml that is missing, or set secrets.writer to sops';
      return {
        certificate: {
          missing: `${answer.message}. ${elsewhere}${otherwise}`,
        },
        isAbsent,
      };
    }
    return {
      certificate: {
        pem: answer.text,
        from: `the certificate of ${namespace}/${name} on ${cluster}`,
      },
    };
  }

  async #fetchFrom(url: string, cluster: string): Promise<Fetched> {
    const { transport } = this.#clusters.get(cluster)!;
    const way = openTransport(
      `certificateUrl of cluster ${cluster} of rustfs.clusters`,
      // Authorities that are trusted for the API server alone say nothing of another server.
      { ...transport, ca: undefined, url },
    );
    const explain = (why: string) =>
      new ServiceUnavailableError(
        `The certificate of the sealed-secrets controller of ${cluster} cannot be fetched from ${url}: ${why}`,
      );
    try {
      const response = await way.fetch(url, {
        redirect: 'manual',
        signal: AbortSignal.timeout(transport.timeoutMs),
      });
      if (response.status !== 200) {
        throw explain(`it answers with status ${response.status}`);
      }
      const pem = (await response.text()).slice(0, MAX_CERTIFICATE_BYTES);
      return { certificate: { pem, from: `the certificate at ${url}` } };
    } catch (error) {
      throw error instanceof ServiceUnavailableError
        ? error
        : explain(explainNetworkError(error, transport.timeoutMs));
    } finally {
      way.close();
    }
  }
}
