export { consumerSecret } from './consumerSecret';
