// What is left of a rule when requests meet: ours, better-auth's organization plugin, and workspaces written by hand.
import { play, raceRows, ROUNDS } from '../lib/races-play.mjs';
import { scenesOfBetterAuth } from '../lib/races-scenes-better-auth.mjs';
import { scenesByHand } from '../lib/races-scenes-by-hand.mjs';
import { scenesOfTenantry } from '../lib/races-scenes-tenantry.mjs';
import { openDatabase } from '../lib/sql-databases.mjs';

export const title = 'When requests meet, on PostgreSQL';
export const notes = [
  `Of ${ROUNDS} rounds, those in which the rule was broken, as the rows in the database say afterwards. The requests of a round are`,
  'made at once, by turns through two instances with a pool of 5 connections each, as by two processes of a host; nothing is delayed.',
  'Where requests that come one after the other break the rule as well, the count of that stands behind ("in turn").',
];

const BETTER_AUTH = 'better-auth';
const BY_HAND = 'by hand: transactions and unique keys';
const LOCKED = 'by hand: the same, and a lock on the row that each check is about';

const scenes = {
  membersLimit: 'room for 4 more members, 10 accept: there are 5 members',
  demote: 'two owners demote each other (ours: two transfers): an owner is left',
  leave: 'two owners leave (ours: the owner hands over and leaves, the heir leaves): an owner is left',
  oneInvitation: 'an invitation for one person, who accepts 10 times: one membership',
  oneLink: 'a link for one person, whoever has it, and 10 accept: one joins',
  oneRecipient: 'an address is invited 10 times: one open invitation',
  twoWays: 'one person joins in two ways: one membership',
  revoke: 'accept against revoke: who is told that it is revoked finds nobody in',
  invitationLimit: 'room for 5 open invitations, 10 are made: there are 5',
  roleAndRemoval: 'a change of role against a removal: who was removed is out',
  workspaceLimit: 'room for 5 workspaces of one owner, 10 are made: there are 5',
  oneName: 'a name (theirs: a slug) is used 10 times: there is one',
  teamSeats: 'room for 5 in a team inside an organization, 10 accept: there are 5',
};

export const flows = Object.fromEntries(
  Object.entries(scenes).map(([scene, work]) => [scene, () => race(scene, work)]),
);

async function race(scene, work) {
  const database = await openDatabase('PostgreSQL');
  try {
    const contend = async (name, all) => (all[scene] === undefined ? null : play(name, all[scene]));
    const ours = await contend('tenantry', await scenesOfTenantry(database));
    const others = {
      [BETTER_AUTH]: await contend(BETTER_AUTH, await scenesOfBetterAuth(database)),
      [BY_HAND]: await contend(BY_HAND, await scenesByHand(database, { locked: false })),
      [LOCKED]: await contend(LOCKED, await scenesByHand(database, { locked: true })),
    };
    return raceRows(work, ours, others);
  } finally {
    await database.drop();
  }
}
