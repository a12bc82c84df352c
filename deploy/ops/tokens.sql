-- Deploy mqk:ops/tokens to pg
-- requires: ops/actions

begin;

set local role mqk_owner;

create table ops.tokens (
    token_id     text        not null,
    verifier     text        not null,
    environment  text        not null,
    actor        text        not null,
    scopes       text[]      not null,
    replaces     text,
    issued_at    timestamptz not null,
    expires_at   timestamptz not null,

    constraint tokens_pkey primary key (token_id),
    constraint tokens_have_a_verifier_of_their_own unique (verifier),
    constraint tokens_are_replaced_once unique (replaces),
    constraint tokens_replaces_fkey foreign key (replaces) references ops.tokens on delete restrict,
    constraint tokens_id_is_eight_hex_digits check (token_id ~ '^[0-9a-f]{8}$'),
    constraint tokens_store_a_digest_only check (verifier ~ '^[0-9a-f]{64}$'),
    constraint tokens_environment_is_a_word check (environment ~ '^[a-z]{2,12}$'),
    constraint tokens_scopes_are_known check (
        cardinality(scopes) > 0 and array_position(scopes, null) is null
        and scopes <@ array['read', 'halt', 'operate', 'approve', 'arm_live', 'admin']),
    constraint tokens_end_within_90_days check (
        expires_at > issued_at and expires_at <= issued_at + interval '2160 hours'),
    constraint tokens_that_arm_live_end_within_12_hours check (
        not 'arm_live' = any(scopes) or expires_at <= issued_at + interval '12 hours')
);

create table ops.token_ends (
    end_id   bigint      not null generated always as identity,
    token_id text        not null,
    ends_at  timestamptz not null,
    ended_by text        not null,
    reason   text        not null,
    ended_at timestamptz not null,

    constraint token_ends_pkey primary key (end_id),
    constraint token_ends_token_id_fkey foreign key (token_id)
        references ops.tokens on delete restrict,
    constraint token_ends_leave_a_day_at_most check (
        ends_at between ended_at and ended_at + interval '24 hours')
);

create index token_ends_token_idx on ops.token_ends (token_id, ends_at);

create table ops.token_uses (
    use_id       bigint      not null generated always as identity,
    presented_id text        not null,
    login        text        not null,
    peer         text        not null,
    command      text        not null,
    is_accepted  boolean     not null,
    reason       text        not null,
    used_at      timestamptz not null,
    accepted_id  text        generated always as (case when is_accepted then presented_id end) stored,

    constraint token_uses_pkey primary key (use_id),
    constraint token_uses_accepted_are_of_a_token foreign key (accepted_id)
        references ops.tokens on delete restrict,
    constraint token_uses_presented_id_is_short check (presented_id ~ '^[0-9a-f]{8}$'),
    constraint token_uses_command_is_short check (command ~ '^[a-z_]{1,40}$')
);

create index token_uses_failed_idx on ops.token_uses (used_at) where not is_accepted;
create index token_uses_presented_idx on ops.token_uses (presented_id, used_at);

comment on table ops.tokens is
    $$What an operator's tokens may do, and until when; append-only. The secret is nowhere.$$;
comment on column ops.tokens.token_id is $$The public part of the token, by which people name it.$$;
comment on column ops.tokens.verifier is
    $$SHA-256 hex of the SHA-256 hex of the token: whoever reads it, in a backup or here, cannot use it.$$;
comment on column ops.tokens.actor is
    $$The login that issued it: the token acts in its name and never has a power that the login lacks.$$;
comment on column ops.tokens.replaces is $$The token that this one rotates out.$$;
comment on table ops.token_ends is
    $$Ends before the time: revoked at once, or rotated out within a day; append-only.$$;
comment on table ops.token_uses is
    $$Every use of a token, refused ones too, without the secret; append-only.$$;
comment on column ops.token_uses.peer is $$Address of the client, or local.$$;

commit;
