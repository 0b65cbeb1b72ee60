// Opens an account: the user that the input names is its actor.
import { commands } from '../commands/index.js';
import { required } from '../core/values.js';
import type { ServiceContext } from './context.js';
import { enqueue, runHooks } from './execute.js';
import { parse } from './parse.js';
import { accountView, workspaceView, type OpenedAccount } from './views.js';

export async function openAccount(context: ServiceContext, input: unknown): Promise<OpenedAccount> {
  const parsed = parse(commands.openAccount.input, input);
  const actor = { userId: parsed.userId };
  await runHooks(context, 'openAccount', actor, parsed);
  const command = { ...parsed, newWorkspaceId: context.ids.workspaceId() };
  const after = await enqueue(context, commands.openAccount, actor, command);
  return Object.freeze({
    account: accountView(required(after.accounts.get(parsed.userId))),
    workspace: workspaceView(required(after.workspace)),
  });
}
