create table if not exists "tenantry_accounts" (
  "user_id" text not null,
  "username" text not null,
  "username_key" text not null,
  "display_name" text,
  "personal_workspace_id" text not null,
  "active_workspace_id" text not null,
  "owned_teams" integer not null,
  "invited_since" integer not null,
  "invited" integer not null,
  "version" integer not null,
  "created_at" integer not null,
  primary key ("user_id"),
  constraint "tenantry_accounts_username" unique ("username_key")
) strict, without rowid;

create table if not exists "tenantry_workspace_ids" (
  "id" text not null,
  "deleted" integer not null,
  primary key ("id"),
  constraint "tenantry_workspace_ids_deleted_check" check (deleted in (0, 1))
) strict, without rowid;

create table if not exists "tenantry_workspaces" (
  "id" text not null,
  "kind" text not null,
  "name" text not null,
  "name_key" text not null,
  "owner_id" text not null,
  "member_count" integer not null,
  "open_invitations" integer not null,
  "reserved_seats" integer not null,
  "version" integer not null,
  "created_at" integer not null,
  primary key ("id"),
  constraint "tenantry_workspaces_name" unique ("owner_id", "name_key"),
  constraint "tenantry_workspaces_id_fk" foreign key ("id") references "tenantry_workspace_ids" ("id"),
  constraint "tenantry_workspaces_owner_fk" foreign key ("owner_id") references "tenantry_accounts" ("user_id"),
  constraint "tenantry_workspaces_kind_check" check (kind in ('personal', 'team'))
) strict, without rowid;

create table if not exists "tenantry_members" (
  "workspace_id" text not null,
  "user_id" text not null,
  "role" text not null,
  "owner_mark" integer,
  "invitation_id" text,
  "joined_at" integer not null,
  "joined_version" integer not null,
  "email_key" text,
  primary key ("workspace_id", "user_id"),
  constraint "tenantry_members_one_owner" unique ("workspace_id", "owner_mark"),
  constraint "tenantry_members_workspace_fk" foreign key ("workspace_id") references "tenantry_workspaces" ("id"),
  constraint "tenantry_members_user_fk" foreign key ("user_id") references "tenantry_accounts" ("user_id"),
  constraint "tenantry_members_owner_check" check ((role = 'owner') = (owner_mark is not null) and (owner_mark is null or owner_mark = 1))
) strict, without rowid;

create index if not exists "tenantry_members_by_joining" on "tenantry_members" ("workspace_id", "joined_at", "user_id");

create index if not exists "tenantry_members_by_user" on "tenantry_members" ("user_id", "joined_at", "workspace_id");

create index if not exists "tenantry_members_by_email" on "tenantry_members" ("workspace_id", "email_key");

create table if not exists "tenantry_departures" (
  "workspace_id" text not null,
  "user_id" text not null,
  "role" text not null,
  "version" integer not null,
  primary key ("workspace_id", "user_id"),
  constraint "tenantry_departures_workspace_fk" foreign key ("workspace_id") references "tenantry_workspaces" ("id")
) strict, without rowid;

create table if not exists "tenantry_invitations" (
  "workspace_id" text not null,
  "id" text not null,
  "role" text not null,
  "recipient_user_id" text,
  "recipient_email" text,
  "open_recipient" text,
  "max_uses" integer,
  "uses" integer not null,
  "issued_by_user_id" text,
  "issued_by_operator" text,
  "secret_hash" text not null,
  "created_at" integer not null,
  "issued_at" integer not null,
  "issued_version" integer not null,
  "expires_at" integer not null,
  "state" text not null,
  "closed_at" integer,
  primary key ("workspace_id", "id"),
  constraint "tenantry_invitations_recipient" unique ("workspace_id", "open_recipient"),
  constraint "tenantry_invitations_workspace_fk" foreign key ("workspace_id") references "tenantry_workspaces" ("id"),
  constraint "tenantry_invitations_state_check" check (state in ('open', 'used', 'revoked', 'declined', 'expired')),
  constraint "tenantry_invitations_closed_check" check ((state = 'open') = (closed_at is null)),
  constraint "tenantry_invitations_recipient_check" check (state = 'open' or open_recipient is null)
) strict;

create index if not exists "tenantry_invitations_by_creation" on "tenantry_invitations" ("workspace_id", "created_at", "id");

create index if not exists "tenantry_invitations_by_state" on "tenantry_invitations" ("workspace_id", "state", "created_at", "id");

create index if not exists "tenantry_invitations_by_expiry" on "tenantry_invitations" ("workspace_id", "state", "expires_at", "id");

create index if not exists "tenantry_invitations_by_issuer" on "tenantry_invitations" ("workspace_id", "issued_by_user_id", "state", "id");

create table if not exists "tenantry_workspace_events" (
  "workspace_id" text not null,
  "version" integer not null,
  "position" integer not null,
  "id" text not null,
  "type" text not null,
  "at" integer not null,
  "actor_user_id" text,
  "actor_operator" text,
  "data" text not null,
  primary key ("workspace_id", "version", "position"),
  constraint "tenantry_workspace_events_workspace_fk" foreign key ("workspace_id") references "tenantry_workspace_ids" ("id")
) strict, without rowid;

create table if not exists "tenantry_account_events" (
  "user_id" text not null,
  "version" integer not null,
  "position" integer not null,
  "id" text not null,
  "type" text not null,
  "at" integer not null,
  "actor_user_id" text,
  "actor_operator" text,
  "data" text not null,
  primary key ("user_id", "version", "position"),
  constraint "tenantry_account_events_user_fk" foreign key ("user_id") references "tenantry_accounts" ("user_id")
) strict, without rowid;

create table if not exists "tenantry_quota_ledgers" (
  "workspace_id" text not null,
  "gone" integer not null,
  primary key ("workspace_id"),
  constraint "tenantry_quota_ledgers_gone_check" check (gone in (0, 1))
) strict, without rowid;

create table if not exists "tenantry_quota_resources" (
  "workspace_id" text not null,
  "resource" text not null,
  "limited" text not null,
  "limit_nano" text,
  "limit_format" text,
  "used" text not null,
  "reserved" text not null,
  primary key ("workspace_id", "resource"),
  constraint "tenantry_quota_resources_ledger_fk" foreign key ("workspace_id") references "tenantry_quota_ledgers" ("workspace_id"),
  constraint "tenantry_quota_resources_limited_check" check (limited in ('default', 'unlimited', 'limited')),
  constraint "tenantry_quota_resources_limit_check" check ((limited = 'limited') = (limit_nano is not null))
) strict, without rowid;

create table if not exists "tenantry_quota_charges" (
  "workspace_id" text not null,
  "reservation_id" text not null,
  "state" text not null,
  "expires_at" integer not null,
  "by_user_id" text,
  "by_operator" text,
  primary key ("workspace_id", "reservation_id"),
  constraint "tenantry_quota_charges_ledger_fk" foreign key ("workspace_id") references "tenantry_quota_ledgers" ("workspace_id"),
  constraint "tenantry_quota_charges_state_check" check (state in ('reserved', 'lapsed', 'committed'))
) strict;

create index if not exists "tenantry_quota_charges_by_expiry" on "tenantry_quota_charges" ("workspace_id", "state", "expires_at", "reservation_id");

create table if not exists "tenantry_quota_amounts" (
  "workspace_id" text not null,
  "reservation_id" text not null,
  "resource" text not null,
  "amount" text not null,
  "format" text not null,
  primary key ("workspace_id", "reservation_id", "resource"),
  constraint "tenantry_quota_amounts_charge_fk" foreign key ("workspace_id", "reservation_id") references "tenantry_quota_charges" ("workspace_id", "reservation_id")
) strict, without rowid;
