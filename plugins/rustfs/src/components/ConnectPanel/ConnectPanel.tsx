import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { AccessView } from '@rustfs-portal/plugin-rustfs-common';
import { Select, Tab, TabList, TabPanel, Tabs } from '@backstage/ui';
import { useState } from 'react';
import { modeTitle } from '../../kinds';
import {
  connectionSnippets,
  reachOf,
  REGION,
  secretKeys,
  secretSnippet,
} from '../../lib/snippets';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';
import { CodeBlock } from '../CodeBlock';
import { CopyButton } from '../CopyButton';
import { FieldNote } from '../FieldNote';
import { FactList } from '../FactList';
import styles from './ConnectPanel.module.css';

const UNKNOWN_ENDPOINT = 'https://ENDPOINT';

/** How programs reach a bucket: address, Secret with its keys, ready snippets. Holds no key. */
export function ConnectPanel(props: {
  tenant: string;
  bucket: string;
  /** For people; an access has that of its workload. */
  endpoint: string | undefined;
  /** Those that may use the bucket and that the reader may know of. */
  accesses?: AccessView[];
}) {
  const { tenant, bucket, accesses = [] } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const [chosenId, setChosenId] = useState<string>();
  const access = accesses.find(({ id }) => id === chosenId) ?? accesses[0];
  const endpoint = access?.endpoint ?? props.endpoint;
  const snippets = connectionSnippets({
    endpoint: endpoint ?? UNKNOWN_ENDPOINT,
    region: REGION,
    bucket,
    ...reachOf(access),
  });
  const shown = access
    ? [secretSnippet(access), ...snippets.filter(({ id }) => id !== 'env')]
    : snippets;
  return (
    <div className={styles.root}>
      <Muted as="p">
        {t(access ? 'connect.introSecret' : 'connect.intro')}
      </Muted>
      {accesses.length > 1 && (
        <Select
          className={styles.access}
          size="small"
          label={t('connect.access')}
          value={access.id}
          onChange={id => setChosenId(String(id))}
          options={accesses.map(({ id, name, mode }) => ({
            value: id,
            label: `${name} (${modeTitle(t, mode)})`,
          }))}
        />
      )}
      {!endpoint && (
        <FieldNote tone="warning">
          {t('connect.noEndpoint', { tenant })}
        </FieldNote>
      )}
      <FactList
        facts={[
          [
            t('connect.endpoint'),
            endpoint && (
              <CopyText text={endpoint} label={t('connect.copyEndpoint')} />
            ),
          ],
          [t('connect.region'), REGION],
          [t('connect.addressing'), t('connect.pathStyle')],
        ]}
      />
      {access && <SecretFacts access={access} />}
      <Tabs key={access?.id}>
        <TabList aria-label={t('connect.snippets')}>
          {shown.map(({ id, title }) => (
            <Tab key={id} id={id} className={styles.tab}>
              {id === 'env' ? t('connect.environment') : title}
            </Tab>
          ))}
        </TabList>
        {shown.map(({ id, title, code }) => (
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

/** The Secret of an access and the names of its keys; no value is known here. */
function SecretFacts(props: { access: AccessView }) {
  const { access } = props;
  const { cluster, form, namespace, secret } = access.consumer;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const keys = secretKeys(access);
  return (
    <FactList
      facts={[
        [
          t('connect.secret'),
          <CopyText
            key="secret"
            text={secret}
            label={t('connect.copySecret')}
          />,
        ],
        [t('connect.namespace'), `${cluster}/${namespace}`],
        [
          t('connect.keys'),
          keys ? (
            <span key="keys" className={styles.keys}>
              {keys.map(key => (
                <code key={key}>{key}</code>
              ))}
            </span>
          ) : (
            t('connect.ownForm', { form })
          ),
        ],
      ]}
    />
  );
}

function CopyText(props: { text: string; label: string }) {
  const { text, label } = props;
  return (
    <span className={styles.endpoint}>
      <code>{text}</code>
      <CopyButton text={text} label={label} />
    </span>
  );
}
