// The whole contract of the service, and every input type.
import type { AccountMethods } from './accounts.js';
import type { AttributeMethods } from './attributes.js';
import type { EventMethods } from './events.js';
import type { InvitationMethods } from './invitations.js';
import type { MemberMethods } from './members.js';
import type { OwnershipMethods } from './ownership.js';
import type { PermissionMethods } from './permissions.js';
import type { QuotaMethods } from './quotas.js';
import type { TransactionMethods } from './transactions.js';
import type { WorkspaceMethods } from './workspaces.js';

/** Every method of the service. `Inside` is the service inside a transaction. */
export interface ServiceContract<Role extends string, Permission extends string, Inside>
  extends AccountMethods<Role, Permission>,
    WorkspaceMethods<Role>,
    AttributeMethods,
    OwnershipMethods<Role>,
    MemberMethods<Role>,
    InvitationMethods<Role>,
    PermissionMethods<Role, Permission>,
    QuotaMethods<Permission>,
    EventMethods,
    TransactionMethods<Inside> {}

export type * from './accounts.js';
export type * from './attributes.js';
export type * from './events.js';
export type * from './invitations.js';
export type * from './members.js';
export type * from './ownership.js';
export type * from './permissions.js';
export type * from './quotas.js';
export type * from './transactions.js';
export type * from './workspaces.js';
