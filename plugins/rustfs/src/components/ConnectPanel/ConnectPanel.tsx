import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { BucketView } from '@rustfs-portal/plugin-rustfs-common';
import { Tab, TabList, TabPanel, Tabs } from '@backstage/ui';
import { connectionSnippets, REGION } from '../../lib/snippets';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';
import { CodeBlock } from '../CodeBlock';
import { CopyButton } from '../CopyButton';
import { FieldNote } from '../FieldNote';
import { FactList } from '../FactList';
import styles from './ConnectPanel.module.css';

const UNKNOWN_ENDPOINT = 'https://ENDPOINT';

/** How programs reach a bucket: address, region, ready snippets. Holds no key. */
export function ConnectPanel(props: { bucket: BucketView }) {
  const { bucket } = props;
  const { endpoint } = bucket;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const snippets = connectionSnippets({
    endpoint: endpoint ?? UNKNOWN_ENDPOINT,
    region: REGION,
    bucket: bucket.name,
  });
  return (
    <div className={styles.root}>
      <Muted as="p">{t('connect.intro')}</Muted>
      {!endpoint && (
        <FieldNote tone="warning">
          {t('connect.noEndpoint', { tenant: bucket.tenant })}
        </FieldNote>
      )}
      <FactList
        facts={[
          [
            t('connect.endpoint'),
            endpoint && (
              <span className={styles.endpoint}>
                <code>{endpoint}</code>
                <CopyButton text={endpoint} label={t('connect.copyEndpoint')} />
              </span>
            ),
          ],
          [t('connect.region'), REGION],
          [t('connect.addressing'), t('connect.pathStyle')],
        ]}
      />
      <Tabs>
        <TabList aria-label={t('connect.snippets')}>
          {snippets.map(({ id, title }) => (
            <Tab key={id} id={id} className={styles.tab}>
              {id === 'env' ? t('connect.environment') : title}
            </Tab>
          ))}
        </TabList>
        {snippets.map(({ id, title, code }) => (
          <TabPanel key={id} id={id} className={styles.panel}>
            <CodeBlock
              code={code}
              label={title}
              copyLabel={t('connect.copySnippet', { name: title })}
            />
          </TabPanel>
        ))}
      </Tabs>
    </div>
  );
}
