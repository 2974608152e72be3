import { Inexpressible } from '../Layout';

/** Why a place for storage does not take a blueprint. */
export const NO_BLUEPRINTS: Inexpressible = {
  because:
    'This place declares storage, one thing at a time, and a blueprint makes whole folders',
  instead: 'put it where what installs the tenant is declared',
};
