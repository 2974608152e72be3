import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { InstalledBy, TenantView } from '@rustfs-portal/plugin-rustfs-common';
import {
  Dialog,
  DialogBody,
  DialogHeader,
  Link,
  VisuallyHidden,
} from '@backstage/ui';
import { repositoryName } from '../../lib/buckets';
import { objectName } from '../../lib/objectName';
import { nextStepForTenant } from '../../lib/nextSteps';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';
import { CopyButton } from '../CopyButton';
import { FactList } from '../FactList';
import { ProblemList } from '../ProblemList';
import { EnableButton } from '../RequestButton';
import { StateReason } from '../StateReason';
import { TenantStateWords } from '../TenantStateWords';
import { TenantStateBadge } from '../StateBadge';
import { TenantObstacle } from '../TenantObstacle';
import { TenantCapacity } from '../TenantTable';
import { AsOf } from '../TimeText';
import styles from './TenantDialog.module.css';

/** Everything about one tenant: what runs it and how that is, what the server has, where Git declares it. */
export function TenantDialog(props: {
  tenant: TenantView | undefined;
  onClose: () => void;
}) {
  const { tenant, onClose } = props;
  return (
    <Dialog
      isOpen={Boolean(tenant)}
      onOpenChange={isOpen => !isOpen && onClose()}
      width="min(48rem, 94vw)"
    >
      {tenant && (
        <>
          <DialogHeader>{tenant.ref}</DialogHeader>
          <DialogBody>
            <TenantDetail tenant={tenant} />
          </DialogBody>
        </>
      )}
    </Dialog>
  );
}

function TenantDetail(props: { tenant: TenantView }) {
  const { tenant } = props;
  const { source, obstacle, drives, endpoint, endpoints, workload } = tenant;
  const { t } = useTranslationRef(rustfsTranslationRef);
  return (
    <div className={styles.root}>
      <div className={styles.headline}>
        <TenantStateBadge tenant={tenant} />
        <Muted>
          <TenantStateWords tenant={tenant} isBrief />
        </Muted>
        <AsOf observed={tenant} />
      </div>
      {(tenant.reason || tenant.message) && tenant.state !== 'ready' && (
        <StateReason
          status="warning"
          title={tenant.reason ?? t(`tenantState.${tenant.state}`)}
          message={tenant.message}
          nextStep={nextStepForTenant(tenant)}
        />
      )}
      <ProblemList
        problems={tenant.problems.filter(
          // Why it is down is said above.
          ({ code }) =>
            tenant.state !== 'unreachable' || code !== 'tenant-unreachable',
        )}
        freshness={tenant.freshness}
      />
      <FactList
        facts={[
          [t('tenant.capacity'), <TenantCapacity key="c" tenant={tenant} />],
          [
            t('tenant.drives'),
            drives &&
              t('tenant.drivesOnline', {
                online: String(drives.online),
                total: String(drives.total),
              }),
          ],
          [t('tenant.buckets'), tenant.buckets?.toLocaleString()],
          [t('tenant.objects'), tenant.objects?.toLocaleString()],
          [t('tenant.version'), tenant.version],
          [
            t('tenant.endpoint'),
            endpoint && (
              <span className={styles.endpoint}>
                <code>{endpoint}</code>
                <CopyButton text={endpoint} label={t('connect.copyEndpoint')} />
              </span>
            ),
          ],
          [
            t('tenant.endpointInCluster'),
            endpoints?.inCluster && endpoints.inCluster !== endpoint && (
              <span className={styles.endpoint}>
                <code>{endpoints.inCluster}</code>
                <CopyButton
                  text={endpoints.inCluster}
                  label={t('tenant.copyInCluster')}
                />
              </span>
            ),
          ],
          [
            t('tenant.console'),
            endpoints?.console && (
              <Link href={endpoints.console} target="_blank">
                {endpoints.console}
                <VisuallyHidden> {t('common.newTab')}</VisuallyHidden>
              </Link>
            ),
          ],
          [t('tenant.workload'), workload && objectName(workload)],
          [
            t('tenant.installedBy'),
            tenant.installedBy && (
              <InstalledByWords key="i" installedBy={tenant.installedBy} />
            ),
          ],
        ]}
      />
      <section aria-labelledby="rustfs-tenant-source">
        <h3 id="rustfs-tenant-source">{t('tenant.source')}</h3>
        {obstacle && <TenantObstacle obstacle={obstacle} />}
        <EnableButton tenant={tenant} />
        {source && (
          <FactList
            facts={[
              [
                t('tenant.repository'),
                <RepositoryLink key="r" address={source.repository} />,
              ],
              [t('tenant.branch'), source.branch],
              [t('tenant.path'), <code key="p">{source.path}</code>],
              [t('tenant.appliedBy'), source.appliedBy],
              [t('tenant.revision'), source.revision],
            ]}
          />
        )}
        {!source && !obstacle && <Muted>{t('tenant.notDeclared')}</Muted>}
      </section>
    </div>
  );
}

/** What installed a tenant, how that stands, and what Helm says of it where not all is well. */
function InstalledByWords(props: { installedBy: InstalledBy }) {
  const { chart, state, version, words, ...release } = props.installedBy;
  const { t } = useTranslationRef(rustfsTranslationRef);
  return (
    <>
      {t('tenant.installed', {
        name: objectName(release),
        chart: [chart, version].filter(Boolean).join(' ') || '–',
        state: t(`tenant.release.${state}`),
      })}
      {words && state !== 'ready' && <Muted as="p">{words}</Muted>}
    </>
  );
}

/** The page of a repository, where its address has one: forges answer on the address that Git clones from. */
function RepositoryLink(props: { address: string }) {
  const { address } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  if (!/^https?:/.test(address)) {
    return <>{address}</>;
  }
  return (
    <Link href={address.replace(/\.git$/, '')} target="_blank">
      {repositoryName(address)}
      <VisuallyHidden> {t('common.newTab')}</VisuallyHidden>
    </Link>
  );
}
