export { ApplicationController } from './ApplicationController';
