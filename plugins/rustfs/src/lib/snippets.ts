/** Where a bucket is and how programs name it. Holds no key: snippets read them from the environment. */
export interface ConnectionTarget {
  endpoint: string;
  region: string;
  bucket: string;
}

/** A ready piece of code or configuration. */
export interface Snippet {
  id: 'env' | 'aws-cli' | 'javascript' | 'python' | 'go' | 'rclone';
  title: string;
  code: string;
}

/** The region that RustFS answers to. */
export const REGION = 'us-east-1';

/** Snippets for the usual ways to reach a bucket. */
export function connectionSnippets(target: ConnectionTarget): Snippet[] {
  const { endpoint, region, bucket } = target;
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
      code: `aws configure set default.s3.addressing_style path
aws --endpoint-url ${endpoint} --region ${region} \\
  s3 ls s3://${bucket}/`,
    },
    {
      id: 'javascript',
      title: 'JavaScript',
      code: `import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';

// Reads AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY from the environment.
const s3 = new S3Client({
  endpoint: '${endpoint}',
  region: '${region}',
  forcePathStyle: true,
});
await s3.send(new ListObjectsV2Command({ Bucket: '${bucket}' }));`,
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
s3.list_objects_v2(Bucket="${bucket}")`,
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
_, err = client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
	Bucket: aws.String("${bucket}"),
})`,
    },
    {
      id: 'rclone',
      title: 'rclone',
      code: `# ~/.config/rclone/rclone.conf
[rustfs]
type = s3
provider = Other
env_auth = true
endpoint = ${endpoint}
region = ${region}
force_path_style = true

# then
rclone ls rustfs:${bucket}`,
    },
  ];
}
