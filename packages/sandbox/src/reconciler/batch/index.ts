export { CronJobController } from './CronJobController';
export { JobController } from './JobController';
export { repositoryOf } from './types';
