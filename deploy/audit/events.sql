-- Deploy mqk:audit/events to pg
-- requires: rooms

begin;

set local role mqk_owner;

create table audit.chains (
    chain_id      uuid        not null,
    chain_kind    text        not null,
    engine_id     text        not null,
    run_id        uuid,
    root_chain_id uuid,
    root_seq      bigint,
    root_hash     text        not null,
    last_seq      bigint      not null,
    last_hash     text        not null,
    last_at       timestamptz not null,

    constraint chains_pkey primary key (chain_id),
    constraint chains_kind_is_known check (chain_kind in ('ENGINE', 'RUN')),
    constraint chains_of_runs_are_rooted check (
        num_nulls(run_id, root_chain_id, root_seq) = case chain_kind when 'RUN' then 0 else 3 end),
    constraint chains_of_engines_begin_empty check (chain_kind = 'RUN' or root_hash = ''),
    constraint chains_root_hash_is_unique unique (chain_id, root_hash)
);

create table audit.events (
    chain_id    uuid        not null,
    event_seq   bigint      not null,
    prev_seq    bigint      generated always as (nullif(event_seq, 1) - 1) stored,
    root_of     uuid        generated always as (case event_seq when 1 then chain_id end) stored,
    prev_hash   text        not null,
    occurred_at timestamptz not null,
    reported_at timestamptz not null,
    actor       text        not null,
    topic       text        not null,
    event_name  text        not null,
    payload     jsonb       not null,
    event_hash  text        not null generated always as (encode(sha256(replace(
        'mqk.audit.v1' || e'\n' || chain_id::text || e'\n' || event_seq::text || e'\n'
        || prev_hash || e'\n'
        || (extract(epoch from occurred_at at time zone 'UTC') * 1000000)::bigint::text || e'\n'
        || (extract(epoch from reported_at at time zone 'UTC') * 1000000)::bigint::text || e'\n'
        || actor || e'\n' || topic || e'\n' || event_name || e'\n' || payload::text,
        '\', '\\')::bytea), 'hex')) stored,

    constraint events_pkey primary key (chain_id, event_seq),
    constraint events_hash_is_addressable unique (chain_id, event_seq, event_hash),
    constraint events_seq_begins_at_one check (event_seq >= 1),
    constraint events_fields_are_single_lines check (
        actor ~ '^[^\n]{1,128}$' and topic ~ '^[A-Z]{2,16}$' and event_name ~ '^[A-Z_]{2,48}$'),
    constraint events_follow_their_predecessor foreign key (chain_id, prev_seq, prev_hash)
        references audit.events (chain_id, event_seq, event_hash) on delete restrict,
    constraint events_begin_at_their_root foreign key (root_of, prev_hash)
        references audit.chains (chain_id, root_hash) on delete restrict,
    constraint events_chain_id_fkey foreign key (chain_id)
        references audit.chains on delete restrict
);

alter table audit.chains
    add constraint chains_root_is_an_event foreign key (root_chain_id, root_seq, root_hash)
        references audit.events (chain_id, event_seq, event_hash) on delete restrict;

create index events_root_idx on audit.events (root_of, prev_hash) where root_of is not null;
create index chains_root_idx on audit.chains (root_chain_id, root_seq, root_hash);

comment on table audit.chains is
    $$One hash chain an engine and one a run; a run's chain is rooted in its engine's chain.$$;
comment on column audit.chains.last_seq is $$The head: locked by every append; 0 when empty.$$;
comment on table audit.events is
    $$The diary: append-only, each row carries the hash of the row before it.$$;
comment on column audit.events.occurred_at is
    $$Time of the event, never before the event before it (clamped forward).$$;
comment on column audit.events.reported_at is $$The time as the caller gave it.$$;
comment on column audit.events.event_hash is
    $$SHA-256 hex over the nine fields joined by line feeds; computed by Postgres, not by us.$$;

commit;
