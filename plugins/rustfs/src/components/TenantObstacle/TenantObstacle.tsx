import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { SourceObstacle } from '@rustfs-portal/plugin-rustfs-common';
import { Alert } from '@backstage/ui';
import { objectName } from '../../lib/objectName';
import { rustfsTranslationRef } from '../../translation';

/** Why no bucket can be asked for on a tenant, for those who can change that. */
export function TenantObstacle(props: { obstacle: SourceObstacle }) {
  const { t } = useTranslationRef(rustfsTranslationRef);
  return (
    <Alert
      status="info"
      icon
      title={t('obstacle.title')}
      description={<Words {...props} />}
    />
  );
}

function Words({ obstacle }: { obstacle: SourceObstacle }) {
  const { t } = useTranslationRef(rustfsTranslationRef);
  switch (obstacle.code) {
    case 'tenant-missing':
      return t('obstacle.tenantMissing');
    case 'setup-missing':
      return t('obstacle.setupMissing', { namespace: obstacle.namespace });
    case 'declared-twice':
      return t('obstacle.declaredTwice');
    case 'not-tracked':
      return t('obstacle.notTracked');
    case 'engine-unsupported':
      return t('obstacle.engineUnsupported', {
        appliedBy: objectName(obstacle.appliedBy),
      });
    case 'version-unsupported':
      return obstacle.servedVersions.length
        ? t('obstacle.versionUnsupported', {
            object: objectName(obstacle.object),
            needed: obstacle.neededVersion,
            served: obstacle.servedVersions.join(', '),
          })
        : t('obstacle.kindUnknown', { object: objectName(obstacle.object) });
    case 'object-missing':
      return t('obstacle.objectMissing', {
        object: objectName(obstacle.object),
      });
    case 'object-unreadable':
      return t('obstacle.objectUnreadable', {
        object: objectName(obstacle.object),
      });
    case 'destination-elsewhere':
      return t('obstacle.destinationElsewhere', {
        object: objectName(obstacle.object),
        destination: obstacle.destination,
      });
    case 'render-unsupported':
      return t('obstacle.renderUnsupported', {
        appliedBy: objectName(obstacle.appliedBy),
        render: obstacle.render,
      });
    case 'source-unclear':
      return t('obstacle.sourceUnclear', {
        appliedBy: objectName(obstacle.appliedBy),
      });
    case 'source-unsupported':
      return t('obstacle.sourceUnsupported', {
        appliedBy: objectName(obstacle.appliedBy),
        source: objectName(obstacle.source),
      });
    case 'reference-fixed':
      return t(`obstacle.fixed.${obstacle.reference.kind}`, {
        source: objectName(obstacle.source),
        to: referenceOf(obstacle.reference),
      });
    case 'folder-included':
      return t('obstacle.folderIncluded', {
        folder: obstacle.folder,
        included: objectName(obstacle.included),
        source: objectName(obstacle.source),
      });
    case 'folder-outside':
      return t('obstacle.folderOutside', {
        path: obstacle.path,
        appliedBy: objectName(obstacle.appliedBy),
      });
    case 'forge-unknown':
      return t('obstacle.forgeUnknown', { repository: obstacle.repository });
    default:
      return obstacle satisfies never;
  }
}

type FixedReference = Extract<
  SourceObstacle,
  { code: 'reference-fixed' }
>['reference'];

function referenceOf(reference: FixedReference): string {
  switch (reference.kind) {
    case 'commit':
      return reference.commit;
    case 'tag':
      return reference.tag;
    case 'semver':
      return reference.range;
    case 'other':
      return reference.name;
    default:
      return reference satisfies never;
  }
}
