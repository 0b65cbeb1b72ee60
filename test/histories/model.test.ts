import fc from 'fast-check';
import { test } from 'vitest';
import { createTestWorkspaces, modelCommands, playground, settle } from '../../src/testing/index.js';
import { rounds } from '../campaign.js';

const limits = { membersPerWorkspace: 4, openInvitationsPerWorkspace: 3, workspacesPerOwner: 2 };

test('A-05 W-07 M-08 no random history of all commands breaks an invariant', {
  timeout: 1_200_000,
}, async () => {
  const start = async () => {
    const real = createTestWorkspaces({ limits });
    const model = playground();
    await settle(model, real.workspaces);
    return { model, real };
  };
  await fc.assert(
    fc.asyncProperty(modelCommands(fc, { maxCommands: 80, limits }), (commands) =>
      fc.asyncModelRun(start, commands),
    ),
    { numRuns: rounds(300, 10_000) },
  );
});
