import { openEdgeSite } from './edge-site.ts';
import { describeRefusals } from './refusal-suite.ts';

describeRefusals('through the built worker in workerd', openEdgeSite, 20);
