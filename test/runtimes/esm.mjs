// The story on memory, with the package as ES modules.
import * as core from 'tenantry';
import * as http from 'tenantry/http';
import { memoryQuota, memoryStorage } from 'tenantry/memory';
import * as quantity from 'tenantry/quantity';
import * as testing from 'tenantry/testing';
import { defaults, play } from './story.mjs';

const [storage, quota] = [memoryStorage(), memoryQuota({ defaults })];
console.log(`${await play({ core, http, quantity, testing, storage, quota })} checks`);
