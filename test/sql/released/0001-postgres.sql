create table if not exists "tenantry_accounts" (
  "user_id" text collate "C" not null,
  "username" text collate "C" not null,
  "username_key" text collate "C" not null,
  "display_name" text collate "C",
  "personal_workspace_id" text collate "C" not null,
  "active_workspace_id" text collate "C" not null,
  "owned_teams" bigint not null,
  "invited_since" bigint not null,
  "invited" bigint not null,
  "version" bigint not null,
  "created_at" bigint not null,
  primary key ("user_id"),
  constraint "tenantry_accounts_username" unique ("username_key")
);

create table if not exists "tenantry_workspace_ids" (
  "id" text collate "C" not null,
  "deleted" bigint not null,
  primary key ("id"),
  constraint "tenantry_workspace_ids_deleted_check" check (deleted in (0, 1))
);

create table if not exists "tenantry_workspaces" (
  "id" text collate "C" not null,
  "kind" text collate "C" not null,
  "name" text collate "C" not null,
  "name_key" text collate "C" not null,
  "owner_id" text collate "C" not null,
  "member_count" bigint not null,
  "open_invitations" bigint not null,
  "reserved_seats" bigint not null,
  "version" bigint not null,
  "created_at" bigint not null,
  primary key ("id"),
  constraint "tenantry_workspaces_name" unique ("owner_id", "name_key"),
  constraint "tenantry_workspaces_id_fk" foreign key ("id") references "tenantry_workspace_ids" ("id"),
  constraint "tenantry_workspaces_owner_fk" foreign key ("owner_id") references "tenantry_accounts" ("user_id"),
  constraint "tenantry_workspaces_kind_check" check (kind in ('personal', 'team'))
);

create table if not exists "tenantry_members" (
  "workspace_id" text collate "C" not null,
  "user_id" text collate "C" not null,
  "role" text collate "C" not null,
  "owner_mark" bigint,
  "invitation_id" text collate "C",
  "joined_at" bigint not null,
  "joined_version" bigint not null,
  "email_key" text collate "C",
  primary key ("workspace_id", "user_id"),
  constraint "tenantry_members_one_owner" unique ("workspace_id", "owner_mark"),
  constraint "tenantry_members_workspace_fk" foreign key ("workspace_id") references "tenantry_workspaces" ("id"),
  constraint "tenantry_members_user_fk" foreign key ("user_id") references "tenantry_accounts" ("user_id"),
  constraint "tenantry_members_owner_check" check ((role = 'owner') = (owner_mark is not null) and (owner_mark is null or owner_mark = 1))
);

create index if not exists "tenantry_members_by_joining" on "tenantry_members" ("workspace_id", "joined_at", "user_id");

create index if not exists "tenantry_members_by_user" on "tenantry_members" ("user_id", "joined_at", "workspace_id");

create index if not exists "tenantry_members_by_email" on "tenantry_members" ("workspace_id", "email_key");

alter table "tenantry_members" alter column "workspace_id" set (n_distinct = -0.01);

alter table "tenantry_members" alter column "user_id" set (n_distinct = -0.01);

create table if not exists "tenantry_departures" (
  "workspace_id" text collate "C" not null,
  "user_id" text collate "C" not null,
  "role" text collate "C" not null,
  "version" bigint not null,
  primary key ("workspace_id", "user_id"),
  constraint "tenantry_departures_workspace_fk" foreign key ("workspace_id") references "tenantry_workspaces" ("id")
);

create table if not exists "tenantry_invitations" (
  "workspace_id" text collate "C" not null,
  "id" text collate "C" not null,
  "role" text collate "C" not null,
  "recipient_user_id" text collate "C",
  "recipient_email" text collate "C",
  "open_recipient" text collate "C",
  "max_uses" bigint,
  "uses" bigint not null,
  "issued_by_user_id" text collate "C",
  "issued_by_operator" text collate "C",
  "secret_hash" text collate "C" not null,
  "created_at" bigint not null,
  "issued_at" bigint not null,
  "issued_version" bigint not null,
  "expires_at" bigint not null,
  "state" text collate "C" not null,
  "closed_at" bigint,
  primary key ("workspace_id", "id"),
  constraint "tenantry_invitations_recipient" unique ("workspace_id", "open_recipient"),
  constraint "tenantry_invitations_workspace_fk" foreign key ("workspace_id") references "tenantry_workspaces" ("id"),
  constraint "tenantry_invitations_state_check" check (state in ('open', 'used', 'revoked', 'declined', 'expired')),
  constraint "tenantry_invitations_closed_check" check ((state = 'open') = (closed_at is null)),
  constraint "tenantry_invitations_recipient_check" check (state = 'open' or open_recipient is null)
);

create index if not exists "tenantry_invitations_by_creation" on "tenantry_invitations" ("workspace_id", "created_at", "id");

create index if not exists "tenantry_invitations_by_state" on "tenantry_invitations" ("workspace_id", "state", "created_at", "id");

create index if not exists "tenantry_invitations_by_expiry" on "tenantry_invitations" ("workspace_id", "state", "expires_at", "id");

create index if not exists "tenantry_invitations_by_issuer" on "tenantry_invitations" ("workspace_id", "issued_by_user_id", "state", "id");

alter table "tenantry_invitations" alter column "workspace_id" set (n_distinct = -0.01);

create table if not exists "tenantry_workspace_events" (
  "workspace_id" text collate "C" not null,
  "version" bigint not null,
  "position" bigint not null,
  "id" text collate "C" not null,
  "type" text collate "C" not null,
  "at" bigint not null,
  "actor_user_id" text collate "C",
  "actor_operator" text collate "C",
  "data" text not null,
  primary key ("workspace_id", "version", "position"),
  constraint "tenantry_workspace_events_workspace_fk" foreign key ("workspace_id") references "tenantry_workspace_ids" ("id")
);

create table if not exists "tenantry_account_events" (
  "user_id" text collate "C" not null,
  "version" bigint not null,
  "position" bigint not null,
  "id" text collate "C" not null,
  "type" text collate "C" not null,
  "at" bigint not null,
  "actor_user_id" text collate "C",
  "actor_operator" text collate "C",
  "data" text not null,
  primary key ("user_id", "version", "position"),
  constraint "tenantry_account_events_user_fk" foreign key ("user_id") references "tenantry_accounts" ("user_id")
);

create table if not exists "tenantry_quota_ledgers" (
  "workspace_id" text collate "C" not null,
  "gone" bigint not null,
  primary key ("workspace_id"),
  constraint "tenantry_quota_ledgers_gone_check" check (gone in (0, 1))
);

create table if not exists "tenantry_quota_resources" (
  "workspace_id" text collate "C" not null,
  "resource" text collate "C" not null,
  "limited" text collate "C" not null,
  "limit_nano" numeric,
  "limit_format" text collate "C",
  "used" numeric not null,
  "reserved" numeric not null,
  primary key ("workspace_id", "resource"),
  constraint "tenantry_quota_resources_ledger_fk" foreign key ("workspace_id") references "tenantry_quota_ledgers" ("workspace_id"),
  constraint "tenantry_quota_resources_limited_check" check (limited in ('default', 'unlimited', 'limited')),
  constraint "tenantry_quota_resources_limit_check" check ((limited = 'limited') = (limit_nano is not null))
);

create table if not exists "tenantry_quota_charges" (
  "workspace_id" text collate "C" not null,
  "reservation_id" text collate "C" not null,
  "state" text collate "C" not null,
  "expires_at" bigint not null,
  "by_user_id" text collate "C",
  "by_operator" text collate "C",
  primary key ("workspace_id", "reservation_id"),
  constraint "tenantry_quota_charges_ledger_fk" foreign key ("workspace_id") references "tenantry_quota_ledgers" ("workspace_id"),
  constraint "tenantry_quota_charges_state_check" check (state in ('reserved', 'lapsed', 'committed'))
);

create index if not exists "tenantry_quota_charges_by_expiry" on "tenantry_quota_charges" ("workspace_id", "state", "expires_at", "reservation_id");

create table if not exists "tenantry_quota_amounts" (
  "workspace_id" text collate "C" not null,
  "reservation_id" text collate "C" not null,
  "resource" text collate "C" not null,
  "amount" numeric not null,
  "format" text collate "C" not null,
  primary key ("workspace_id", "reservation_id", "resource"),
  constraint "tenantry_quota_amounts_charge_fk" foreign key ("workspace_id", "reservation_id") references "tenantry_quota_charges" ("workspace_id", "reservation_id")
);
