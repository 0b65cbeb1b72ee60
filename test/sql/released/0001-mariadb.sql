create table if not exists `tenantry_accounts` (
  `user_id` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `username` varchar(400) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `username_key` varchar(660) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `display_name` varchar(400) character set utf8mb4 collate utf8mb4_nopad_bin,
  `personal_workspace_id` varchar(63) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `active_workspace_id` varchar(63) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `owned_teams` bigint not null,
  `invited_since` bigint not null,
  `invited` bigint not null,
  `version` bigint not null,
  `created_at` bigint not null,
  primary key (`user_id`),
  constraint `tenantry_accounts_username` unique (`username_key`)
) engine = InnoDB;

create table if not exists `tenantry_workspace_ids` (
  `id` varchar(63) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `deleted` bigint not null,
  primary key (`id`),
  constraint `tenantry_workspace_ids_deleted_check` check (deleted in (0, 1))
) engine = InnoDB;

create table if not exists `tenantry_workspaces` (
  `id` varchar(63) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `kind` varchar(16) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `name` varchar(400) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `name_key` varchar(400) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `owner_id` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `member_count` bigint not null,
  `open_invitations` bigint not null,
  `reserved_seats` bigint not null,
  `version` bigint not null,
  `created_at` bigint not null,
  primary key (`id`),
  constraint `tenantry_workspaces_name` unique (`owner_id`, `name_key`),
  constraint `tenantry_workspaces_id_fk` foreign key (`id`) references `tenantry_workspace_ids` (`id`),
  constraint `tenantry_workspaces_owner_fk` foreign key (`owner_id`) references `tenantry_accounts` (`user_id`),
  constraint `tenantry_workspaces_kind_check` check (kind in ('personal', 'team'))
) engine = InnoDB;

create table if not exists `tenantry_members` (
  `workspace_id` varchar(63) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `user_id` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `role` varchar(64) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `owner_mark` bigint,
  `invitation_id` varchar(64) character set utf8mb4 collate utf8mb4_nopad_bin,
  `joined_at` bigint not null,
  `joined_version` bigint not null,
  `email_key` varchar(326) character set utf8mb4 collate utf8mb4_nopad_bin,
  primary key (`workspace_id`, `user_id`),
  constraint `tenantry_members_one_owner` unique (`workspace_id`, `owner_mark`),
  key `tenantry_members_by_joining` (`workspace_id`, `joined_at`, `user_id`),
  key `tenantry_members_by_user` (`user_id`, `joined_at`, `workspace_id`),
  key `tenantry_members_by_email` (`workspace_id`, `email_key`),
  constraint `tenantry_members_workspace_fk` foreign key (`workspace_id`) references `tenantry_workspaces` (`id`),
  constraint `tenantry_members_user_fk` foreign key (`user_id`) references `tenantry_accounts` (`user_id`),
  constraint `tenantry_members_owner_check` check ((role = 'owner') = (owner_mark is not null) and (owner_mark is null or owner_mark = 1))
) engine = InnoDB;

create table if not exists `tenantry_departures` (
  `workspace_id` varchar(63) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `user_id` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `role` varchar(64) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `version` bigint not null,
  primary key (`workspace_id`, `user_id`),
  constraint `tenantry_departures_workspace_fk` foreign key (`workspace_id`) references `tenantry_workspaces` (`id`)
) engine = InnoDB;

create table if not exists `tenantry_invitations` (
  `workspace_id` varchar(63) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `id` varchar(64) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `role` varchar(64) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `recipient_user_id` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin,
  `recipient_email` varchar(320) character set utf8mb4 collate utf8mb4_nopad_bin,
  `open_recipient` varchar(326) character set utf8mb4 collate utf8mb4_nopad_bin,
  `max_uses` bigint,
  `uses` bigint not null,
  `issued_by_user_id` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin,
  `issued_by_operator` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin,
  `secret_hash` varchar(64) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `created_at` bigint not null,
  `issued_at` bigint not null,
  `issued_version` bigint not null,
  `expires_at` bigint not null,
  `state` varchar(16) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `closed_at` bigint,
  primary key (`workspace_id`, `id`),
  constraint `tenantry_invitations_recipient` unique (`workspace_id`, `open_recipient`),
  key `tenantry_invitations_by_creation` (`workspace_id`, `created_at`, `id`),
  key `tenantry_invitations_by_state` (`workspace_id`, `state`, `created_at`, `id`),
  key `tenantry_invitations_by_expiry` (`workspace_id`, `state`, `expires_at`, `id`),
  key `tenantry_invitations_by_issuer` (`workspace_id`, `issued_by_user_id`, `state`, `id`),
  constraint `tenantry_invitations_workspace_fk` foreign key (`workspace_id`) references `tenantry_workspaces` (`id`),
  constraint `tenantry_invitations_state_check` check (state in ('open', 'used', 'revoked', 'declined', 'expired')),
  constraint `tenantry_invitations_closed_check` check ((state = 'open') = (closed_at is null)),
  constraint `tenantry_invitations_recipient_check` check (state = 'open' or open_recipient is null)
) engine = InnoDB;

create table if not exists `tenantry_workspace_events` (
  `workspace_id` varchar(63) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `version` bigint not null,
  `position` bigint not null,
  `id` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `type` varchar(64) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `at` bigint not null,
  `actor_user_id` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin,
  `actor_operator` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin,
  `data` mediumtext character set utf8mb4 collate utf8mb4_nopad_bin not null,
  primary key (`workspace_id`, `version`, `position`),
  constraint `tenantry_workspace_events_workspace_fk` foreign key (`workspace_id`) references `tenantry_workspace_ids` (`id`)
) engine = InnoDB;

create table if not exists `tenantry_account_events` (
  `user_id` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `version` bigint not null,
  `position` bigint not null,
  `id` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `type` varchar(64) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `at` bigint not null,
  `actor_user_id` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin,
  `actor_operator` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin,
  `data` mediumtext character set utf8mb4 collate utf8mb4_nopad_bin not null,
  primary key (`user_id`, `version`, `position`),
  constraint `tenantry_account_events_user_fk` foreign key (`user_id`) references `tenantry_accounts` (`user_id`)
) engine = InnoDB;

create table if not exists `tenantry_quota_ledgers` (
  `workspace_id` varchar(63) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `gone` bigint not null,
  primary key (`workspace_id`),
  constraint `tenantry_quota_ledgers_gone_check` check (gone in (0, 1))
) engine = InnoDB;

create table if not exists `tenantry_quota_resources` (
  `workspace_id` varchar(63) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `resource` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `limited` varchar(16) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `limit_nano` varchar(65) character set utf8mb4 collate utf8mb4_nopad_bin,
  `limit_format` varchar(16) character set utf8mb4 collate utf8mb4_nopad_bin,
  `used` varchar(65) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `reserved` varchar(65) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  primary key (`workspace_id`, `resource`),
  constraint `tenantry_quota_resources_ledger_fk` foreign key (`workspace_id`) references `tenantry_quota_ledgers` (`workspace_id`),
  constraint `tenantry_quota_resources_limited_check` check (limited in ('default', 'unlimited', 'limited')),
  constraint `tenantry_quota_resources_limit_check` check ((limited = 'limited') = (limit_nano is not null))
) engine = InnoDB;

create table if not exists `tenantry_quota_charges` (
  `workspace_id` varchar(63) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `reservation_id` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `state` varchar(16) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `expires_at` bigint not null,
  `by_user_id` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin,
  `by_operator` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin,
  primary key (`workspace_id`, `reservation_id`),
  key `tenantry_quota_charges_by_expiry` (`workspace_id`, `state`, `expires_at`, `reservation_id`),
  constraint `tenantry_quota_charges_ledger_fk` foreign key (`workspace_id`) references `tenantry_quota_ledgers` (`workspace_id`),
  constraint `tenantry_quota_charges_state_check` check (state in ('reserved', 'lapsed', 'committed'))
) engine = InnoDB;

create table if not exists `tenantry_quota_amounts` (
  `workspace_id` varchar(63) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `reservation_id` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `resource` varchar(256) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `amount` varchar(65) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  `format` varchar(16) character set utf8mb4 collate utf8mb4_nopad_bin not null,
  primary key (`workspace_id`, `reservation_id`, `resource`),
  constraint `tenantry_quota_amounts_charge_fk` foreign key (`workspace_id`, `reservation_id`) references `tenantry_quota_charges` (`workspace_id`, `reservation_id`)
) engine = InnoDB;
