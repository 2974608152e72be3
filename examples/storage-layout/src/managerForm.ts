import { SecretForm } from '@rustfs-portal/plugin-rustfs-common';

/** What the operator writes into the Secret of a RustFSBucketUser; nobody else may choose its keys. */
export const managerForm: SecretForm = {
  id: 'manager-operator',
  title: 'Manager operator',
  description:
    'The Secret that the operator writes beside the RustFSBucketUser; address and region are in the ConfigMap of the bucket.',
  entries: {
    AWS_ACCESS_KEY_ID: '{accessKeyId}',
    AWS_SECRET_ACCESS_KEY: '{secretAccessKey}',
  },
};
