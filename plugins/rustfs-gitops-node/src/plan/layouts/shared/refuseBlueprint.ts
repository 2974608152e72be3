import { BlueprintDeclared } from '@rustfs-portal/plugin-rustfs-common';
import { Refused } from '../../Refused';
import { Inexpressible } from '../Layout';

/** Why a place for storage does not take a blueprint. */
export const NO_BLUEPRINTS: Inexpressible = {
  because: 'This place declares storage, one thing at a time',
  instead: 'put it where what installs the tenant is declared',
};

/** @returns what ends planning: a blueprint is for another layout */
export function refuseBlueprint({ blueprint }: BlueprintDeclared): Refused {
  return new Refused(
    'unsupported',
    `${NO_BLUEPRINTS.because}, and ${blueprint} makes whole folders: ${NO_BLUEPRINTS.instead}`,
  );
}
