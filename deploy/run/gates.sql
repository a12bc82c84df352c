-- Deploy mqk:run/gates to pg
-- requires: run/runs

begin;

set local role mqk_owner;

create table run.gate_history (
    run_id      uuid        not null,
    gate        text        not null,
    gate_seq    bigint      not null,
    is_open     boolean     not null,
    reason      text        not null,
    evidence    jsonb       not null,
    actor       text        not null,
    observed_at timestamptz not null,

    constraint gate_history_pkey primary key (run_id, gate, gate_seq),
    constraint gate_history_state_is_addressable unique (run_id, gate, gate_seq, is_open),
    constraint gate_history_run_id_fkey foreign key (run_id)
        references run.runs on delete restrict,
    constraint gate_history_gate_is_known check (
        gate in ('CONTINUITY', 'DEADMAN', 'INTEGRITY', 'RECON', 'RISK')),
    constraint gate_history_says_why check (length(reason) between 1 and 500)
);

create table run.gates (
    run_id      uuid        not null,
    gate        text        not null,
    gate_seq    bigint      not null,
    is_open     boolean     not null,
    observed_at timestamptz not null,
    expires_at  timestamptz not null,
    boot_at     timestamptz not null,

    constraint gates_pkey primary key (run_id, gate),
    constraint gates_run_id_fkey foreign key (run_id) references run.runs on delete restrict,
    constraint gates_are_the_last_of_their_history
        foreign key (run_id, gate, gate_seq, is_open)
        references run.gate_history (run_id, gate, gate_seq, is_open) on delete restrict,
    constraint gates_are_seen_before_they_expire check (observed_at <= expires_at),
    constraint gates_expire check (isfinite(expires_at))
)
with (fillfactor = 70);

create table run.heartbeats (
    run_id      uuid        not null,
    worker_kind text        not null,
    worker_name text        not null,
    beat_at     timestamptz not null,

    constraint heartbeats_pkey primary key (run_id, worker_kind),
    constraint heartbeats_run_id_fkey foreign key (run_id)
        references run.runs on delete restrict,
    constraint heartbeats_kind_is_known check (
        worker_kind in ('gateway', 'broker_events', 'snapshots'))
)
with (fillfactor = 70);

create table run.workers (
    run_id        uuid        not null,
    worker_kind   text        not null,
    worker_name   text        not null,
    build         text        not null,
    secret_names  text[]      not null,
    actor         text        not null,
    registered_at timestamptz not null,

    constraint workers_pkey primary key (run_id, worker_kind),
    constraint workers_run_id_fkey foreign key (run_id) references run.runs on delete restrict,
    constraint workers_build_is_a_hash check (build ~ '^[0-9a-f]{64}$'),
    constraint workers_name_secrets_and_never_tell_them check (
        array_to_string(secret_names, ' ', '?') ~ '^([A-Z][A-Z0-9_]{2,63}( |$))*$'),
    constraint workers_have_a_name check (length(worker_name) between 1 and 200),
    constraint workers_kind_is_a_word check (worker_kind ~ '^[a-z_]{3,20}$')
);

comment on table run.workers is
    $$What each kind of worker of a run said of itself when it was wired last.$$;
comment on column run.workers.build is $$SHA-256 of the program files that it runs.$$;
comment on column run.workers.secret_names is
    $$The names of the environment variables with a value, of those that it needs; never a value.$$;
comment on table run.gate_history is $$Every change of a gate's state or reason; append-only.$$;
comment on table run.gates is
    $$The brakes of a run as they stand. No row, or an expired one, counts as shut.$$;
comment on column run.gates.boot_at is
    $$When the server that holds this row was started as the gate was set: a start shuts every gate.$$;
comment on table run.heartbeats is
    $$Last sign of life of each worker kind that a running run depends on.$$;

commit;
