import {
  AccessView,
  scopeCovers,
  SECRET_FORMS,
  SecretForm,
  secretFormKeys,
  secretKeyOf,
} from '@rustfs-portal/plugin-rustfs-common';

/** Where a bucket is and how programs name it. Holds no key: snippets read them from the environment. */
export interface ConnectionTarget {
  endpoint: string;
  region: string;
  bucket: string;
  /** Only objects whose keys begin with this are reached. */
  prefix?: string;
  /** The access may write and not list. */
  isWriteOnly?: boolean;
}

/** A ready piece of code or configuration. */
export interface Snippet {
  id:
    | 'env'
    | 'secret'
    | 'aws-cli'
    | 'mc'
    | 'rclone'
    | 'javascript'
    | 'python'
    | 'go'
    | 'java';
  title: string;
  code: string;
}

/** The region that RustFS answers to. */
export const REGION = 'us-east-1';

/** What SDKs and command lines read, with what a form calls it. */
const ENVIRONMENT: Record<string, string> = {
  AWS_ACCESS_KEY_ID: '{accessKeyId}',
  AWS_SECRET_ACCESS_KEY: '{secretAccessKey}',
  AWS_REGION: '{region}',
  AWS_ENDPOINT_URL_S3: '{endpoint}',
  S3_BUCKET: '{bucket}',
};

/** Its form: one that the platform team added, or one of the portal. */
function formOf({ consumer, secretForm }: AccessView): SecretForm | undefined {
  return secretForm ?? SECRET_FORMS.find(({ id }) => id === consumer.form);
}

/** The keys of the Secret of an access; undefined where its form is not known here. */
export function secretKeys(access: AccessView): string[] | undefined {
  const form = formOf(access);
  return form && secretFormKeys(form, access.consumer);
}

/** How a workload comes to the keys of its Secret: as the environment that SDKs and command lines read. */
export function secretSnippet(access: AccessView): Snippet {
  const { consumer } = access;
  const { namespace, secret } = consumer;
  const head = `# In the Pod template of the workload, in namespace ${namespace}`;
  const form = formOf(access);
  const keyOf = (text: string) => {
    const key = Object.entries(form?.entries ?? {}).find(
      ([, entry]) => entry === text,
    )?.[0];
    return key && secretKeyOf(key, consumer);
  };
  const given = Object.entries(ENVIRONMENT).flatMap(([name, text]) => {
    const key = keyOf(text);
    return key ? [{ name, key }] : [];
  });
  const file = Object.entries(form?.entries ?? {}).find(([, text]) =>
    text.includes('aws_secret_access_key={secretAccessKey}'),
  )?.[0];
  const title = 'Kubernetes';
  // Where the pair has the names that programs read, the rest has those that its consumer reads.
  const hasPair = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].every(pair =>
    given.some(({ name, key }) => name === pair && key === pair),
  );
  if (hasPair || !form) {
    return {
      id: 'secret',
      title,
      code: `${head}:
envFrom:
  - secretRef:
      name: ${secret}`,
    };
  }
  if (file && !given.some(({ name }) => name === 'AWS_SECRET_ACCESS_KEY')) {
    return {
      id: 'secret',
      title,
      code: `${head}:
env:
  - name: AWS_SHARED_CREDENTIALS_FILE
    value: /etc/s3/${secretKeyOf(file, consumer)}
volumeMounts:
  - name: s3
    mountPath: /etc/s3
    readOnly: true

# and beside the containers
volumes:
  - name: s3
    secret:
      secretName: ${secret}`,
    };
  }
  return {
    id: 'secret',
    title,
    code: `${head}:
env:
${given
  .map(
    ({ name, key }) => `  - name: ${name}
    valueFrom:
      secretKeyRef:
        name: ${secret}
        key: ${key}`,
  )
  .join('\n')}`,
  };
}

/** Snippets for the usual ways to reach a bucket: they read the key from the environment, or from its usual file. */
export function connectionSnippets(target: ConnectionTarget): Snippet[] {
  const { endpoint, region, bucket, prefix = '', isWriteOnly } = target;
  const place = `${bucket}/${prefix}`;
  return [
    {
      id: 'env',
      title: 'Environment',
      code: `AWS_ENDPOINT_URL_S3=${endpoint}
AWS_REGION=${region}
S3_BUCKET=${bucket}
# From the Secret of your service:
# AWS_ACCESS_KEY_ID
# AWS_SECRET_ACCESS_KEY`,
    },
    {
      id: 'aws-cli',
      title: 'AWS CLI',
      code: `# Reads AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY from the environment.
aws configure set default.s3.addressing_style path
aws --endpoint-url ${endpoint} --region ${region} \\
  s3 ${isWriteOnly ? `cp hello.txt s3://${place}` : `ls s3://${place}`}`,
    },
    {
      id: 'mc',
      title: 'mc',
      code: `mc alias set rustfs ${endpoint} \\
  "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" --api S3v4 --path on
mc ${isWriteOnly ? `cp hello.txt rustfs/${place}` : `ls rustfs/${place}`}`,
    },
    {
      id: 'rclone',
      title: 'rclone',
      code: `# ~/.config/rclone/rclone.conf
[rustfs]
type = s3
provider = Other
# Reads AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY from the environment.
env_auth = true
endpoint = ${endpoint}
region = ${region}
force_path_style = true
# The bucket is there already.
no_check_bucket = true

# then
rclone ${
        isWriteOnly ? `copy hello.txt rustfs:${place}` : `ls rustfs:${place}`
      }`,
    },
    {
      id: 'javascript',
      title: 'JavaScript',
      code: `import { ${
        isWriteOnly ? 'PutObjectCommand' : 'ListObjectsV2Command'
      }, S3Client } from '@aws-sdk/client-s3';

// Reads AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY from the environment.
const s3 = new S3Client({
  endpoint: '${endpoint}',
  region: '${region}',
  forcePathStyle: true,
});
${
  isWriteOnly
    ? `await s3.send(
  new PutObjectCommand({
    Bucket: '${bucket}',
    Key: '${prefix}hello.txt',
    Body: 'Hello',
  }),
);`
    : `await s3.send(new ListObjectsV2Command({ Bucket: '${bucket}'${
        prefix && `, Prefix: '${prefix}'`
      } }));`
}`,
    },
    {
      id: 'python',
      title: 'Python',
      code: `import boto3
from botocore.config import Config

# Reads AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY from the environment.
s3 = boto3.client(
    "s3",
    endpoint_url="${endpoint}",
    region_name="${region}",
    config=Config(s3={"addressing_style": "path"}),
)
${
  isWriteOnly
    ? `s3.put_object(Bucket="${bucket}", Key="${prefix}hello.txt", Body=b"Hello")`
    : `s3.list_objects_v2(Bucket="${bucket}"${
        prefix && `, Prefix="${prefix}"`
      })`
}`,
    },
    {
      id: 'go',
      title: 'Go',
      code: `// Reads AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY from the environment.
cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion("${region}"))
if err != nil {
	return err
}
client := s3.NewFromConfig(cfg, func(o *s3.Options) {
	o.BaseEndpoint = aws.String("${endpoint}")
	o.UsePathStyle = true
})
${
  isWriteOnly
    ? `_, err = client.PutObject(ctx, &s3.PutObjectInput{
	Bucket: aws.String("${bucket}"),
	Key:    aws.String("${prefix}hello.txt"),
	Body:   strings.NewReader("Hello"),
})`
    : `_, err = client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
	Bucket: aws.String("${bucket}"),${
        prefix &&
        `
	Prefix: aws.String("${prefix}"),`
      }
})`
}`,
    },
    {
      id: 'java',
      title: 'Java',
      code: `// Reads AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY from the environment.
S3Client s3 = S3Client.builder()
    .endpointOverride(URI.create("${endpoint}"))
    .region(Region.of("${region}"))
    .forcePathStyle(true)
    .build();
${
  isWriteOnly
    ? `s3.putObject(
    request -> request.bucket("${bucket}").key("${prefix}hello.txt"),
    RequestBody.fromString("Hello"));`
    : `s3.listObjectsV2(request -> request.bucket("${bucket}")${
        prefix && `.prefix("${prefix}")`
      });`
}`,
    },
  ];
}

/** How an access reaches a bucket, for the snippets. */
export function reachOf(
  access: AccessView | undefined,
): Pick<ConnectionTarget, 'prefix' | 'isWriteOnly'> {
  return {
    ...(access?.scope.type === 'prefix' && { prefix: access.scope.prefix }),
    isWriteOnly: access?.mode === 'write',
  };
}

/** The accesses through which a bucket can be used. */
export function accessesTo(
  { tenant, name }: { tenant: string; name: string },
  accesses: AccessView[],
): AccessView[] {
  return accesses.filter(
    access =>
      access.tenant === tenant &&
      access.revokedAt === undefined &&
      scopeCovers(access.scope, name),
  );
}
