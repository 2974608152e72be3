import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  ANNOTATION_BUCKETS,
  ANNOTATION_TENANT,
} from '@rustfs-portal/plugin-rustfs-common';
import { Text } from '@backstage/ui';
import { ReactNode } from 'react';
import { rustfsTranslationRef } from '../../translation';
import { CodeBlock } from '../CodeBlock';
import styles from './MissingAnnotation.module.css';

const PLACEHOLDERS = {
  [ANNOTATION_TENANT]: '<cluster>/<namespace>/<tenant>',
  [ANNOTATION_BUCKETS]: '<bucket>',
};

/** What to add to an entity so that its storage shows, ready to copy. */
export function MissingAnnotation(props: {
  suggested: Record<string, string> | undefined;
  action?: ReactNode;
}) {
  const { suggested, action } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const isFilled = Boolean(suggested && Object.keys(suggested).length);
  const annotations = isFilled ? suggested! : PLACEHOLDERS;
  return (
    <div className={styles.root}>
      <Text as="h3" variant="title-x-small" weight="bold">
        {t('annotate.title')}
      </Text>
      <Text as="p">
        {t('annotate.body')} {isFilled && t('annotate.suggested')}
      </Text>
      <CodeBlock
        code={annotationsYaml(annotations)}
        label={t('annotate.yaml')}
        copyLabel={t('common.copy')}
      />
      {action && <div>{action}</div>}
    </div>
  );
}

function annotationsYaml(annotations: Record<string, string>): string {
  return [
    'metadata:',
    '  annotations:',
    ...Object.entries(annotations).map(
      ([key, value]) => `    ${key}: ${value}`,
    ),
  ].join('\n');
}
