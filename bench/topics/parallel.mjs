// Many commands on one workspace at the same time: none may fail, and the crowd may not cost much.
import { CROWD, crowd } from '../lib/crowd.mjs';
import { actor, openAccounts, openWorkspace, serviceOn, user, workspace } from '../lib/workspaces.mjs';

export const title = '64 parallel commands on one workspace, on memory';
export const notes = [
  'Against the same 64 commands one after the other. One service queues them; two services on one storage, as in two',
  'processes, meet in the storage and try again.',
];

const MEMBERS = CROWD + 1;

export const flows = {
  renameWorkspace: () =>
    flow('renameWorkspace', async () => {
      const { service } = await openTeam();
      return (serial) =>
        service.renameWorkspace(actor(0), { workspaceId: workspace(0), name: `Name ${serial}` });
    }),
  changeRole: () =>
    flow('changeRole', async () => {
      const { service } = await openTeam();
      return (serial) =>
        service.changeRole(actor(0), {
          workspaceId: workspace(0),
          userId: user(1 + (serial % CROWD)),
          role: Math.floor(serial / CROWD) % 2 === 0 ? 'manager' : 'developer',
        });
    }),
  inviteMember: () =>
    flow('inviteMember', async () => {
      const { service } = await openTeam();
      return () => service.inviteMember(actor(0), { workspaceId: workspace(0), role: 'developer' });
    }),
  acceptOneLink: () =>
    flow('acceptInvitation', async () => {
      const { service, storage } = await openTeam();
      await openAccounts(storage, MEMBERS, MEMBERS + 250 * CROWD);
      const input = { workspaceId: workspace(0), role: 'developer', maxUses: 'unlimited' };
      const { token } = await service.inviteMember(actor(0), input);
      return (serial) => service.acceptInvitation(actor(MEMBERS + serial), { token });
    }),
  twoServices: async () => {
    const { storage } = await openTeam();
    const services = [serviceOn(storage).service, serviceOn(storage).service];
    const rename = (serial) =>
      services[serial % 2].renameWorkspace(actor(0), { workspaceId: workspace(0), name: `Name ${serial}` });
    return crowd(
      '`renameWorkspace`, from two services',
      { together: rename, inTurn: rename },
      { atLeast: null },
    );
  },
};

async function flow(command, open) {
  return crowd(`\`${command}\``, { together: await open(), inTurn: await open() });
}

async function openTeam() {
  const { service, storage } = serviceOn();
  await openAccounts(storage, 0, MEMBERS);
  await openWorkspace(
    storage,
    0,
    Array.from({ length: MEMBERS }, (_, number) => number),
  );
  return { service, storage };
}
