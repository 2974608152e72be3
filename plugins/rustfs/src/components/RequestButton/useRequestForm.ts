import { useRouteRef } from '@backstage/frontend-plugin-api';
import { RequestForm } from '../../lib/form';
import { templateRouteRef } from '../../routes';

/** The software template behind the form. */
const TEMPLATE = { namespace: 'default', templateName: 'request-bucket' };

/** Addresses the request form, filled in as far as given; undefined where the portal has no such form. */
export function useRequestForm():
  | ((filledIn: RequestForm) => string)
  | undefined {
  const template = useRouteRef(templateRouteRef);
  return (
    template &&
    (filledIn =>
      `${template(TEMPLATE)}?formData=${encodeURIComponent(
        JSON.stringify(filledIn),
      )}`)
  );
}
