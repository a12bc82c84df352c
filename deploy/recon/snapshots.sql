-- Deploy mqk:recon/snapshots to pg
-- requires: run/runs

begin;

set local role mqk_owner;

create table recon.tolerances (
    run_id                uuid    not null,
    position_tolerance_qty bigint not null,
    cash_tolerance_micros bigint  not null,
    grace_ms              integer not null,
    max_age_ms            integer not null,

    constraint tolerances_pkey primary key (run_id),
    constraint tolerances_run_id_fkey foreign key (run_id)
        references run.runs on delete restrict,
    constraint tolerances_are_small check (
        position_tolerance_qty = 0 and cash_tolerance_micros between 0 and 1000000
        and grace_ms between 0 and 60000 and max_age_ms between 1000 and 600000)
);

create table recon.snapshots (
    run_id          uuid        not null,
    snapshot_seq    bigint      not null,
    account_id      text        not null,
    source          text        not null,
    captured_at     timestamptz not null,
    document        jsonb       not null,
    document_sha256 text        not null generated always as
        (encode(sha256(replace(document::text, '\', '\\')::bytea), 'hex')) stored,
    received_at     timestamptz not null,

    constraint snapshots_pkey primary key (run_id, snapshot_seq),
    constraint snapshots_run_id_fkey foreign key (run_id)
        references run.runs on delete restrict,
    constraint snapshots_come_from_a_broker check (source in ('paper', 'alpaca'))
);

create table recon.comparisons (
    run_id           uuid        not null,
    snapshot_seq     bigint      not null,
    order_drifts     bigint      not null,
    position_drifts  bigint      not null,
    cash_drifts      bigint      not null,
    unsettled_drifts bigint      not null,
    verdict          text        not null generated always as (
        case when order_drifts + position_drifts + cash_drifts > 0 then 'DIRTY'
             when unsettled_drifts > 0 then 'PENDING'
             else 'CLEAN' end) stored,
    compared_at      timestamptz not null,

    constraint comparisons_pkey primary key (run_id, snapshot_seq),
    constraint comparisons_snapshot_fkey foreign key (run_id, snapshot_seq)
        references recon.snapshots on delete restrict,
    constraint comparisons_count_from_zero check (
        least(order_drifts, position_drifts, cash_drifts, unsettled_drifts) >= 0)
);

create table recon.drifts (
    run_id        uuid        not null,
    snapshot_seq  bigint      not null,
    drift_kind    text        not null,
    drift_key     text        not null,
    ours          text        not null,
    theirs        text        not null,
    first_seen_at timestamptz not null,
    is_settled    boolean     not null,

    constraint drifts_pkey primary key (run_id, snapshot_seq, drift_kind, drift_key),
    constraint drifts_comparison_fkey foreign key (run_id, snapshot_seq)
        references recon.comparisons on delete restrict,
    constraint drifts_kind_is_known check (drift_kind in (
        'UNKNOWN_ORDER', 'MISSING_ORDER', 'ORDER_FIELD', 'POSITION', 'CASH', 'UNREADABLE'))
);

comment on table recon.tolerances is $$How far a broker may differ, and for how long; per run.$$;
comment on column recon.tolerances.grace_ms is
    $$A difference younger than this may still be in flight: neither clean nor dirty.$$;
comment on table recon.snapshots is
    $$What the broker said it holds, verbatim; append-only.$$;
comment on table recon.comparisons is
    $$The result of one comparison; its verdict is computed from the counts.$$;
comment on table recon.drifts is $$Each difference of a comparison; append-only.$$;
comment on column recon.drifts.is_settled is $$Older than the grace: a fact, not a delay.$$;

commit;
