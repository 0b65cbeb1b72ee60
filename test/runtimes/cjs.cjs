// The story on memory, with the package as CommonJS.
const core = require('tenantry');
const http = require('tenantry/http');
const { memoryQuota, memoryStorage } = require('tenantry/memory');
const quantity = require('tenantry/quantity');
const testing = require('tenantry/testing');
const { defaults, play } = require('./story.cjs');

const [storage, quota] = [memoryStorage(), memoryQuota({ defaults })];
play({ core, http, quantity, testing, storage, quota }).then((checks) => console.log(`${checks} checks`));
