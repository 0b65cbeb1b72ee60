// The story on memory in a worker without any Node compatibility.
import * as core from 'tenantry';
import * as http from 'tenantry/http';
import { memoryQuota, memoryStorage } from 'tenantry/memory';
import * as quantity from 'tenantry/quantity';
import { defaults, play } from './story.mjs';

export default {
  async test() {
    const [storage, quota] = [memoryStorage(), memoryQuota({ defaults })];
    console.log(`${await play({ core, http, quantity, storage, quota })} checks`);
  },
};
