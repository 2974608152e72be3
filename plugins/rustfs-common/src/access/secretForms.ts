/**
 * What a consumer's Secret holds for one kind of consumer: data, so that a company adds its own.
 *
 * A value is text in which these stand for what the access has: `{accessKeyId}`, `{secretAccessKey}`, `{endpoint}` (URL in
 * the cluster), `{host}` (the same without scheme), `{region}`, `{bucket}` (several are separated by commas).
 *
 * @public
 */
export interface SecretForm {
  /** `aws`, `velero`; given in requests and kept in records. */
  id: string;
  /** For people. */
  title: string;
  /** One sentence: who reads it, and how. */
  description: string;
  /** Text by key of the Secret. */
  entries: Record<string, string>;
}

/**
 * What the placeholders of a form stand for.
 *
 * @public
 */
export interface SecretFormValues {
  accessKeyId: string;
  secretAccessKey: string;
  endpoint: string;
  host: string;
  region: string;
  bucket: string;
}

const AWS_PAIR = {
  AWS_ACCESS_KEY_ID: '{accessKeyId}',
  AWS_SECRET_ACCESS_KEY: '{secretAccessKey}',
};

const PLACE = {
  S3_ENDPOINT: '{endpoint}',
  S3_REGION: '{region}',
  S3_BUCKET: '{bucket}',
};

/**
 * The forms that the portal knows by itself. Key names are those of the charts that read them.
 *
 * @public
 */
export const SECRET_FORMS: readonly SecretForm[] = [
  {
    id: 'aws',
    title: 'AWS SDK',
    description:
      'Environment of any program that uses an AWS SDK or the AWS CLI.',
    entries: {
      ...AWS_PAIR,
      AWS_REGION: '{region}',
      AWS_ENDPOINT_URL_S3: '{endpoint}',
      S3_BUCKET: '{bucket}',
    },
  },
  {
    id: 'loki',
    title: 'Loki',
    description: 'Environment of the Loki chart (defaults.extraEnvFrom).',
    entries: { ...AWS_PAIR, ...PLACE },
  },
  {
    id: 'tempo',
    title: 'Tempo',
    description:
      'Environment of the Tempo chart (tempo.extraEnvFrom); its endpoint has no scheme.',
    entries: { ...AWS_PAIR, ...PLACE, S3_ENDPOINT: '{host}' },
  },
  {
    id: 'velero',
    title: 'Velero',
    description:
      'credentials.existingSecret of the Velero chart: key cloud holds an AWS credentials file.',
    entries: {
      cloud:
        '[default]\naws_access_key_id={accessKeyId}\naws_secret_access_key={secretAccessKey}\n',
      endpoint: '{endpoint}',
      region: '{region}',
      bucket: '{bucket}',
    },
  },
  {
    id: 'harbor',
    title: 'Harbor',
    description:
      'persistence.imageChartStorage.s3.existingSecret of the Harbor chart.',
    entries: {
      REGISTRY_STORAGE_S3_ACCESSKEY: '{accessKeyId}',
      REGISTRY_STORAGE_S3_SECRETKEY: '{secretAccessKey}',
      REGISTRY_STORAGE_S3_REGIONENDPOINT: '{endpoint}',
      REGISTRY_STORAGE_S3_REGION: '{region}',
      REGISTRY_STORAGE_S3_BUCKET: '{bucket}',
    },
  },
  {
    id: 'cloudnative-pg',
    title: 'CloudNativePG',
    description: 's3Credentials of an ObjectStore of the Barman Cloud plugin.',
    entries: {
      ACCESS_KEY_ID: '{accessKeyId}',
      ACCESS_SECRET_KEY: '{secretAccessKey}',
      ENDPOINT: '{endpoint}',
      REGION: '{region}',
      BUCKET: '{bucket}',
    },
  },
  {
    id: 'mlflow',
    title: 'MLflow',
    description: 'extraSecretNamesForEnvFrom of the MLflow chart.',
    entries: {
      ...AWS_PAIR,
      AWS_DEFAULT_REGION: '{region}',
      MLFLOW_S3_ENDPOINT_URL: '{endpoint}',
      S3_BUCKET: '{bucket}',
    },
  },
  {
    id: 'plain',
    title: 'Names of your own',
    description: 'The same values under key names that you choose.',
    entries: {
      accessKeyId: '{accessKeyId}',
      secretAccessKey: '{secretAccessKey}',
      endpoint: '{endpoint}',
      region: '{region}',
      bucket: '{bucket}',
    },
  },
];

/** Where a placeholder may stand. */
const PLACEHOLDER =
  /\{(accessKeyId|secretAccessKey|endpoint|host|region|bucket)\}/g;

/**
 * The values of a Secret by key.
 *
 * @param names - other names for keys of the form, by the name that the form gives them
 * @public
 */
export function fillSecretForm(
  form: Pick<SecretForm, 'entries'>,
  values: SecretFormValues,
  names: Record<string, string> = {},
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(form.entries).map(([key, text]) => [
      secretKeyOf(key, { names }),
      text.replace(
        PLACEHOLDER,
        (_, name: keyof SecretFormValues) => values[name],
      ),
    ]),
  );
}

/**
 * What a key of a form is called in a Secret: the name that the form gives it, or one of one's own.
 *
 * @param consumer - with the other names, by those of the form
 * @public
 */
export function secretKeyOf(
  key: string,
  consumer: { names?: Record<string, string> },
): string {
  return consumer.names?.[key] ?? key;
}

/**
 * The keys that a Secret has: those of its form, in its order, with names of one's own in place of some.
 *
 * @public
 */
export function secretFormKeys(
  form: Pick<SecretForm, 'entries'>,
  consumer: { names?: Record<string, string> },
): string[] {
  return Object.keys(form.entries).map(key => secretKeyOf(key, consumer));
}

/**
 * Whether a key of a form holds key material, so that nobody is shown its value.
 *
 * @public
 */
export function holdsKeyMaterial(text: string): boolean {
  return /\{(accessKeyId|secretAccessKey)\}/.test(text);
}
