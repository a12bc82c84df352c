-- Deploy mqk:run/runs to pg
-- requires: ref/instruments
-- requires: audit/events

begin;

set local role mqk_owner;

create table run.engines (
    engine_id    text        not null,
    mode         text        not null,
    last_run_seq bigint      not null,
    created_at   timestamptz not null,

    constraint engines_pkey primary key (engine_id),
    constraint engines_are_in_a_mode unique (engine_id, mode),
    constraint engines_mode_is_known check (mode in ('BACKTEST', 'PAPER', 'SHADOW', 'LIVE')),
    constraint engines_id_is_a_token check (engine_id ~ '^[A-Z][A-Z0-9]{1,7}$')
);

create table run.configs (
    config_hash    text        not null generated always as
        (encode(sha256(replace(canonical_json, '\', '\\')::bytea), 'hex')) stored,
    canonical_json text        not null,
    config         jsonb       not null generated always as (canonical_json::jsonb) stored,
    terms_hash     text        not null generated always as (encode(sha256(replace(
        coalesce((canonical_json::jsonb -> 'strategy')::text, '') || e'\n'
        || coalesce((canonical_json::jsonb -> 'risk')::text, '') || e'\n'
        || coalesce(canonical_json::jsonb #>> '{data,timeframe}', ''),
        '\', '\\')::bytea), 'hex')) stored,
    created_at     timestamptz not null,

    constraint configs_pkey primary key (config_hash),
    constraint configs_have_their_terms unique (config_hash, terms_hash)
);

create table run.artifacts (
    artifact_id      uuid        not null,
    terms_hash       text        not null,
    strategy_id      text        not null,
    strategy_version text        not null,
    build            text        not null,
    promoted_at      timestamptz not null,

    constraint artifacts_pkey primary key (artifact_id),
    constraint artifacts_have_their_terms unique (artifact_id, terms_hash),
    constraint artifacts_hashes_are_sha256 check (
        terms_hash ~ '^[0-9a-f]{64}$' and build ~ '^[0-9a-f]{64}$')
);

create index artifacts_terms_idx on run.artifacts (terms_hash);

create table run.run_moves (
    from_status text not null,
    to_status   text not null,

    constraint run_moves_pkey primary key (from_status, to_status)
);

insert into run.run_moves (from_status, to_status)
values ('NEW', 'CREATED'), ('CREATED', 'ARMED'), ('STOPPED', 'ARMED'), ('ARMED', 'RUNNING'),
       ('ARMED', 'STOPPED'), ('RUNNING', 'STOPPED'), ('CREATED', 'HALTED'), ('ARMED', 'HALTED'),
       ('RUNNING', 'HALTED'), ('STOPPED', 'HALTED'), ('HALTED', 'STOPPED');

create table run.live_accounts (
    engine_id  text        not null,
    account_id text        not null,
    bound_by   text        not null,
    bound_at   timestamptz not null,

    constraint live_accounts_pkey primary key (engine_id),
    constraint live_accounts_have_one_engine unique (account_id),
    constraint live_accounts_are_of_their_engine unique (engine_id, account_id),
    constraint live_accounts_engine_id_fkey foreign key (engine_id)
        references run.engines on delete restrict
);

create table run.runs (
    run_id              uuid        not null,
    engine_id           text        not null,
    run_seq             bigint      not null,
    mode                text        not null,
    clock_kind          text        not null,
    config_hash         text        not null,
    account_id          text        not null,
    live_account_id     text        generated always as (
        case mode when 'LIVE' then account_id end) stored,
    may_submit          boolean     not null generated always as (mode <> 'SHADOW') stored,
    as_of_at            timestamptz not null,
    initial_cash_micros bigint      not null,
    deadman_ttl_ms      integer     not null,
    gate_ttl_ms         bigint      not null,
    needs_deadman_file  boolean     not null,
    run_status          text        not null,
    active_mode         text        generated always as (
        case when run_status in ('ARMED', 'RUNNING') then mode end) stored,
    status_seq          bigint      not null,
    armed_epoch         bigint      not null,
    created_by          text        not null,
    created_at          timestamptz not null,

    constraint runs_pkey primary key (run_id),
    constraint runs_have_one_seq_in_their_engine unique (engine_id, run_seq),
    constraint runs_are_of_an_engine_and_account unique (run_id, engine_id, account_id),
    constraint runs_may_submit_or_not unique (run_id, may_submit),
    constraint runs_that_are_active_are_in_their_engines_mode foreign key (engine_id, active_mode)
        references run.engines (engine_id, mode) on delete restrict,
    constraint runs_are_of_a_mode_and_config unique (run_id, mode, config_hash),
    constraint runs_engine_id_fkey foreign key (engine_id)
        references run.engines on delete restrict,
    constraint runs_config_hash_fkey foreign key (config_hash)
        references run.configs on delete restrict,
    constraint runs_trade_their_engines_live_account foreign key (engine_id, live_account_id)
        references run.live_accounts (engine_id, account_id) on delete restrict,
    constraint runs_mode_is_known check (mode in ('BACKTEST', 'PAPER', 'SHADOW', 'LIVE')),
    constraint runs_clock_kind_is_known check (clock_kind in ('SERVER', 'VIRTUAL')),
    constraint runs_that_are_live_use_the_server_clock check (
        mode <> 'LIVE' or clock_kind = 'SERVER'),
    constraint runs_status_is_known check (
        run_status in ('CREATED', 'ARMED', 'RUNNING', 'STOPPED', 'HALTED')),
    constraint runs_begin_with_cash check (
        initial_cash_micros between 1 and 4000000000000000000),
    constraint runs_deadman_ttl_is_bounded check (deadman_ttl_ms between 1000 and 864000000),
    constraint runs_gate_ttl_is_bounded check (gate_ttl_ms between 1000 and 1728000000),
    constraint runs_that_are_live_keep_a_deadman_file check (mode <> 'LIVE' or needs_deadman_file),
    constraint runs_account_is_a_token check (account_id ~ '^[A-Za-z0-9][A-Za-z0-9_-]{2,63}$')
);

create unique index one_live_run_per_engine on run.runs (engine_id)
 where mode = 'LIVE' and run_status in ('ARMED', 'RUNNING');
create unique index one_active_run_per_account on run.runs (account_id)
 where mode in ('PAPER', 'LIVE') and run_status in ('ARMED', 'RUNNING');
create index runs_config_idx on run.runs (config_hash);

create table run.run_history (
    run_id      uuid        not null,
    history_seq bigint      not null,
    from_seq    bigint      generated always as (nullif(history_seq, 1) - 1) stored,
    armed_seq   bigint      generated always as (
        case to_status when 'ARMED' then history_seq end) stored,
    from_status text        not null,
    to_status   text        not null,
    reason      text        not null,
    actor       text        not null,
    moved_at    timestamptz not null,

    constraint run_history_pkey primary key (run_id, history_seq),
    constraint run_history_status_is_addressable unique (run_id, history_seq, to_status),
    constraint run_history_run_id_fkey foreign key (run_id)
        references run.runs on delete restrict deferrable initially deferred,
    constraint run_history_moves_are_legal foreign key (from_status, to_status)
        references run.run_moves on delete restrict,
    constraint run_history_follows_itself foreign key (run_id, from_seq, from_status)
        references run.run_history (run_id, history_seq, to_status) on delete restrict,
    constraint run_history_begins_new check ((history_seq = 1) = (from_status = 'NEW'))
);

alter table run.runs
    add constraint runs_status_is_the_last_of_their_history
        foreign key (run_id, status_seq, run_status)
        references run.run_history (run_id, history_seq, to_status)
        on delete restrict deferrable initially deferred;

create index runs_active_mode_idx on run.runs (engine_id, active_mode)
 where active_mode is not null;
create index run_history_moves_idx on run.run_history (from_status, to_status);

create table run.universe (
    run_id uuid not null,
    symbol text not null,

    constraint universe_pkey primary key (run_id, symbol),
    constraint universe_run_id_fkey foreign key (run_id) references run.runs on delete restrict,
    constraint universe_symbol_fkey foreign key (symbol)
        references ref.instruments on delete restrict
);

create index universe_symbol_idx on run.universe (symbol);

create table run.approvals (
    run_id      uuid        not null,
    approved_by text        not null,
    words       text        not null,
    approved_at timestamptz not null,

    constraint approvals_pkey primary key (run_id, approved_by, approved_at),
    constraint approvals_are_of_their_words unique (run_id, approved_by, approved_at, words),
    constraint approvals_run_id_fkey foreign key (run_id) references run.runs on delete restrict
);

create table run.armings (
    run_id      uuid        not null,
    history_seq bigint      not null,
    armed_seq   bigint      not null generated always as (history_seq) stored,
    mode        text        not null,
    config_hash text        not null,
    artifact_id uuid,
    terms_hash  text,
    words       text        not null,
    checks      jsonb       not null,
    armed_by    text        not null,
    approved_by text,
    approved_at timestamptz,
    build       text        not null,
    fingerprint text        not null,
    schema_mark text        not null,
    boot_at     timestamptz not null,
    armed_at    timestamptz not null,

    constraint armings_pkey primary key (run_id, history_seq),
    constraint armings_are_moves_to_armed unique (run_id, armed_seq),
    constraint armings_mode_and_config_are_the_runs foreign key (run_id, mode, config_hash)
        references run.runs (run_id, mode, config_hash) on delete restrict,
    constraint armings_terms_are_their_configs foreign key (config_hash, terms_hash)
        references run.configs (config_hash, terms_hash) on delete restrict,
    constraint armings_terms_are_their_artifacts foreign key (artifact_id, terms_hash)
        references run.artifacts (artifact_id, terms_hash) on delete restrict,
    constraint armings_of_live_runs_have_an_artifact check (
        mode <> 'LIVE' or num_nulls(artifact_id, terms_hash) = 0),
    constraint armings_are_in_the_history foreign key (run_id, armed_seq)
        references run.run_history (run_id, history_seq) on delete restrict,
    constraint armings_were_approved_in_their_words foreign key (
        run_id, approved_by, approved_at, words)
        references run.approvals (run_id, approved_by, approved_at, words) on delete restrict,
    constraint armings_use_an_approval_once unique (run_id, approved_by, approved_at),
    constraint armings_of_live_runs_have_a_second_person check (
        mode <> 'LIVE' or (num_nulls(approved_by, approved_at) = 0 and approved_by <> armed_by)),
    constraint armings_follow_their_approval_closely check (
        armed_at between approved_at and approved_at + interval '15 minutes'),
    constraint armings_passed_all_that_was_checked check (
        jsonb_array_length(checks) > 0
        and jsonb_array_length(checks)
            = jsonb_array_length(jsonb_path_query_array(checks, '$[*] ? (@.is_ok == true)')))
);

create index armings_terms_idx on run.armings (config_hash, terms_hash);
create index armings_artifact_idx on run.armings (artifact_id, terms_hash);
create index armings_config_idx on run.armings (run_id, mode, config_hash);

alter table run.run_history
    add constraint run_history_arms_with_a_proof
        foreign key (run_id, armed_seq) references run.armings (run_id, armed_seq)
        on delete restrict deferrable initially deferred;

comment on table run.engines is $$A trading engine: the scope of runs, order names and audit chain.$$;
comment on column run.engines.mode is
    $$The one mode in which its runs may be active; a person changes it while none is.$$;
comment on column run.runs.active_mode is $$mode while the run is armed or running.$$;
comment on column run.runs.may_submit is $$False in SHADOW: such a run has no outbox row.$$;
comment on table run.configs is $$Immutable configs by SHA-256 of their canonical json.$$;
comment on column run.configs.terms_hash is
    $$SHA-256 of what a strategy is promoted with: the sections strategy and risk, and the timeframe. The
costs of the section execution are those of a backtest: a real broker has its own.$$;
comment on table run.artifacts is
    $$What may be armed LIVE: a strategy, its version and its terms, as lab promoted them.$$;
comment on column run.artifacts.build is $$SHA-256 of the program that promoted it.$$;
comment on column run.armings.artifact_id is $$The promotion that a LIVE arming rests on.$$;
comment on table run.live_accounts is
    $$The account that an engine trades LIVE: bound by its first LIVE run, for good, and to nobody else.$$;
comment on column run.runs.live_account_id is $$account_id of a LIVE run.$$;
comment on table run.run_moves is $$The legal status moves of a run.$$;
comment on table run.runs is $$One attempt of one engine to trade one account with one config.$$;
comment on column run.runs.clock_kind is
    $$SERVER: times must be within 2 s of the server's clock. VIRTUAL: a replayed market.$$;
comment on column run.runs.gate_ttl_ms is $$How long a verdict may hold a gate open.$$;
comment on column run.runs.needs_deadman_file is
    $$Whether the gateway's machine must hold the engine's deadman file while the run is armed.$$;
comment on column run.runs.armed_epoch is $$Counts armings; 0 = never armed.$$;
comment on table run.run_history is $$Every status move of a run; append-only.$$;
comment on table run.universe is $$The symbols a run may trade, pinned at its creation.$$;
comment on table run.approvals is
    $$A second person's word that a LIVE run may be armed: who typed which words, and when.$$;
comment on table run.armings is
    $$The proof of each arming: every check as it was seen, the words, who armed, who approved.$$;
comment on column run.armings.checks is $$The rows of ops.check_preflight; each passed.$$;
comment on column run.armings.build is
    $$SHA-256 of the program that its workers ran; another one is not let in while it is armed.$$;
comment on column run.armings.fingerprint is $$core.compute_fingerprint() as it was armed.$$;
comment on column run.armings.schema_mark is $$core.get_schema_mark() as it was armed.$$;
comment on column run.armings.boot_at is
    $$When the database server was started; an arming does not outlive it.$$;
comment on column run.run_history.armed_seq is $$history_seq of a move to ARMED, which needs a proof.$$;

commit;
