import { SecretForm } from '@rustfs-portal/plugin-rustfs-common';

/** Data and nothing else: the portal fills in the placeholders when it seals the Secret. */
export const rcloneForm: SecretForm = {
  id: 'acme-rclone',
  title: 'rclone',
  description: 'Environment of rclone, as the remote "archive".',
  entries: {
    RCLONE_CONFIG_ARCHIVE_TYPE: 's3',
    RCLONE_CONFIG_ARCHIVE_PROVIDER: 'Other',
    RCLONE_CONFIG_ARCHIVE_ENDPOINT: '{endpoint}',
    RCLONE_CONFIG_ARCHIVE_REGION: '{region}',
    RCLONE_CONFIG_ARCHIVE_ACCESS_KEY_ID: '{accessKeyId}',
    RCLONE_CONFIG_ARCHIVE_SECRET_ACCESS_KEY: '{secretAccessKey}',
  },
};
