-- Deploy mqk:recon/snapshots to pg
-- requires: run/runs
-- requires: oms/orders

begin;

set local role mqk_owner;

create table recon.drift_kinds (
    drift_kind   text    not null,
    drift_group  text    not null,
    severity     text    not null,
    repair_class text    not null,
    is_graced    boolean not null,

    constraint drift_kinds_pkey primary key (drift_kind),
    constraint drift_kinds_repair_is_addressable unique (drift_kind, repair_class),
    constraint drift_kinds_group_is_known check (
        drift_group in ('ORDER', 'POSITION', 'CASH', 'OTHER')),
    constraint drift_kinds_severity_is_known check (severity in ('INFO', 'WARN', 'CRITICAL')),
    constraint drift_kinds_repair_is_known check (
        repair_class in ('NONE', 'FORWARD_STATUS', 'BROKER', 'OPERATOR', 'HALT')),
    constraint drift_kinds_repair_themselves_only_if_mild check (
        (severity = 'WARN') = (repair_class in ('FORWARD_STATUS', 'BROKER'))
        and (severity = 'INFO') = (repair_class = 'NONE'))
);

insert into recon.drift_kinds (drift_kind, drift_group, severity, repair_class, is_graced)
values ('UNKNOWN_ORDER', 'ORDER', 'CRITICAL', 'OPERATOR', true),
       ('MISSING_ORDER', 'ORDER', 'CRITICAL', 'OPERATOR', true),
       ('ORDER_FIELD', 'ORDER', 'CRITICAL', 'OPERATOR', true),
       ('ORDER_STATUS', 'ORDER', 'WARN', 'FORWARD_STATUS', true),
       ('UNKNOWN_FILL', 'ORDER', 'CRITICAL', 'HALT', true),
       ('MISSING_STOP', 'ORDER', 'CRITICAL', 'OPERATOR', true),
       ('OTHER_ENGINE_ORDER', 'ORDER', 'INFO', 'NONE', true),
       ('FOREIGN_ORDER', 'ORDER', 'INFO', 'NONE', true),
       ('POSITION', 'POSITION', 'CRITICAL', 'HALT', true),
       ('UNKNOWN_POSITION', 'POSITION', 'CRITICAL', 'HALT', true),
       ('CASH', 'CASH', 'CRITICAL', 'HALT', true),
       ('SPLIT_LATE', 'POSITION', 'WARN', 'BROKER', true),
       ('ACTION_CASH_LATE', 'CASH', 'WARN', 'BROKER', true),
       ('FRACTIONAL', 'OTHER', 'CRITICAL', 'HALT', true),
       ('UNREADABLE', 'OTHER', 'CRITICAL', 'OPERATOR', true),
       ('OTHER_ACCOUNT', 'OTHER', 'CRITICAL', 'HALT', false);

create table recon.broker_statuses (
    broker_word  text not null,
    order_status text not null,

    constraint broker_statuses_pkey primary key (broker_word),
    constraint broker_statuses_order_status_is_known check (
        order_status in ('WORKING', 'FILLED', 'CANCELED', 'EXPIRED', 'REJECTED'))
);

insert into recon.broker_statuses (broker_word, order_status)
values ('new', 'WORKING'), ('open', 'WORKING'), ('pending_new', 'WORKING'),
       ('accepted', 'WORKING'), ('pending', 'WORKING'), ('accepted_for_bidding', 'WORKING'),
       ('held', 'WORKING'), ('stopped', 'WORKING'), ('suspended', 'WORKING'),
       ('calculated', 'WORKING'), ('done_for_day', 'WORKING'), ('pending_cancel', 'WORKING'),
       ('pending_replace', 'WORKING'), ('partially_filled', 'WORKING'),
       ('filled', 'FILLED'), ('complete', 'FILLED'),
       ('canceled', 'CANCELED'), ('cancelled', 'CANCELED'), ('replaced', 'CANCELED'),
       ('expired', 'EXPIRED'), ('rejected', 'REJECTED');

create table recon.tolerances (
    run_id                 uuid    not null,
    position_tolerance_qty bigint  not null,
    cash_tolerance_micros  bigint  not null,
    grace_ms               integer not null,
    max_age_ms             integer not null,
    foreign_orders         text    not null,

    constraint tolerances_pkey primary key (run_id),
    constraint tolerances_run_id_fkey foreign key (run_id)
        references run.runs on delete restrict,
    constraint tolerances_are_small check (
        position_tolerance_qty = 0 and cash_tolerance_micros between 0 and 1000000
        and grace_ms between 0 and 60000 and max_age_ms between 1000 and 600000),
    constraint tolerances_refuse_or_ignore_strangers check (foreign_orders in ('REFUSE', 'IGNORE'))
);

create table recon.snapshots (
    run_id            uuid        not null,
    snapshot_seq      bigint      not null,
    prior_seq         bigint      generated always as (nullif(snapshot_seq, 1) - 1) stored,
    prior_captured_at timestamptz,
    account_id        text        not null,
    source            text        not null,
    captured_at       timestamptz not null,
    document          jsonb       not null,
    document_sha256   text        not null generated always as
        (encode(sha256(replace(document::text, '\', '\\')::bytea), 'hex')) stored,
    received_at       timestamptz not null,

    constraint snapshots_pkey primary key (run_id, snapshot_seq),
    constraint snapshots_time_is_addressable unique (run_id, snapshot_seq, captured_at),
    constraint snapshots_document_is_addressable unique (run_id, snapshot_seq, document_sha256),
    constraint snapshots_run_id_fkey foreign key (run_id)
        references run.runs on delete restrict,
    constraint snapshots_follow_the_one_before foreign key (run_id, prior_seq, prior_captured_at)
        references recon.snapshots (run_id, snapshot_seq, captured_at) on delete restrict,
    constraint snapshots_begin_with_the_first check (
        snapshot_seq >= 1 and (snapshot_seq = 1) = (prior_captured_at is null)),
    constraint snapshots_are_newer_than_the_one_before check (captured_at > prior_captured_at),
    constraint snapshots_come_from_a_broker check (source in ('paper', 'alpaca'))
);

create index snapshots_prior_idx on recon.snapshots (run_id, prior_seq, prior_captured_at);

create table recon.refusals (
    run_id          uuid        not null,
    refusal_seq     bigint      not null,
    defect          text        not null,
    document        jsonb       not null,
    document_sha256 text        not null generated always as
        (encode(sha256(replace(document::text, '\', '\\')::bytea), 'hex')) stored,
    refused_at      timestamptz not null,

    constraint refusals_pkey primary key (run_id, refusal_seq),
    constraint refusals_run_id_fkey foreign key (run_id)
        references run.runs on delete restrict,
    constraint refusals_defect_is_known check (defect in (
        'MALFORMED', 'NO_ACCOUNT', 'OTHER_SOURCE', 'NO_TIMESTAMP', 'FUTURE', 'TOO_OLD',
        'NOT_NEWER'))
);

create table recon.comparisons (
    run_id           uuid        not null,
    snapshot_seq     bigint      not null,
    document_sha256  text        not null,
    books            jsonb       not null,
    order_drifts     bigint      not null,
    position_drifts  bigint      not null,
    cash_drifts      bigint      not null,
    other_drifts     bigint      not null,
    warning_drifts   bigint      not null,
    unsettled_drifts bigint      not null,
    info_drifts      bigint      not null,
    drifts_sha256    text        not null,
    verdict          text        not null generated always as (
        case when order_drifts + position_drifts + cash_drifts + other_drifts > 0 then 'DIRTY'
             when warning_drifts + unsettled_drifts > 0 then 'PENDING'
             else 'CLEAN' end) stored,
    result_sha256    text        not null generated always as (encode(sha256(replace(
        document_sha256 || ' ' || books::text || ' ' || drifts_sha256
        || ' ' || order_drifts::text || ' ' || position_drifts::text || ' ' || cash_drifts::text
        || ' ' || other_drifts::text || ' ' || warning_drifts::text
        || ' ' || unsettled_drifts::text || ' ' || info_drifts::text,
        '\', '\\')::bytea), 'hex')) stored,
    compared_at      timestamptz not null,

    constraint comparisons_pkey primary key (run_id, snapshot_seq),
    constraint comparisons_snapshot_fkey foreign key (run_id, snapshot_seq, document_sha256)
        references recon.snapshots (run_id, snapshot_seq, document_sha256) on delete restrict,
    constraint comparisons_count_from_zero check (
        least(order_drifts, position_drifts, cash_drifts, other_drifts, warning_drifts,
              unsettled_drifts, info_drifts) >= 0)
);

create index comparisons_snapshot_idx on recon.comparisons (
    run_id, snapshot_seq, document_sha256);

create table recon.drifts (
    run_id        uuid        not null,
    snapshot_seq  bigint      not null,
    drift_kind    text        not null,
    drift_key     text        not null,
    ours          text        not null,
    theirs        text        not null,
    first_seen_at timestamptz not null,
    is_young      boolean     not null,
    is_settled    boolean     not null,

    constraint drifts_pkey primary key (run_id, snapshot_seq, drift_kind, drift_key),
    constraint drifts_comparison_fkey foreign key (run_id, snapshot_seq)
        references recon.comparisons on delete restrict,
    constraint drifts_kind_is_known foreign key (drift_kind)
        references recon.drift_kinds on delete restrict
);

create index drifts_kind_idx on recon.drifts (drift_kind);

create table recon.repairs (
    run_id       uuid        not null,
    snapshot_seq bigint      not null,
    drift_kind   text        not null,
    drift_key    text        not null,
    repair_class text        not null generated always as ('FORWARD_STATUS') stored,
    order_id     uuid        not null,
    history_seq  bigint      not null,
    to_status    text        not null,
    repaired_at  timestamptz not null,

    constraint repairs_pkey primary key (run_id, snapshot_seq, drift_kind, drift_key),
    constraint repairs_answer_a_drift foreign key (run_id, snapshot_seq, drift_kind, drift_key)
        references recon.drifts on delete restrict,
    constraint repairs_are_of_a_repairable_kind foreign key (drift_kind, repair_class)
        references recon.drift_kinds (drift_kind, repair_class) on delete restrict,
    constraint repairs_are_moves_of_the_order foreign key (
        run_id, order_id, history_seq, to_status)
        references oms.order_history (run_id, order_id, history_seq, to_status)
        on delete restrict,
    constraint repairs_never_fill check (
        to_status in ('ACCEPTED', 'CANCELED', 'EXPIRED', 'REJECTED'))
);

create index repairs_kind_idx on recon.repairs (drift_kind, repair_class);
create index repairs_move_idx on recon.repairs (run_id, order_id, history_seq, to_status);

comment on table recon.drift_kinds is
    $$Every way in which broker and books can differ: how bad it is, and who may mend it.$$;
comment on column recon.drift_kinds.severity is
    $$INFO is counted only, WARN holds the gate back, CRITICAL shuts it and halts.$$;
comment on column recon.drift_kinds.is_graced is
    $$False: it cannot be in flight, and counts at first sight.$$;
comment on table recon.broker_statuses is
    $$A broker's words for an order's status; WORKING ones say nothing about the filled part.$$;
comment on table recon.tolerances is $$How far a broker may differ, and for how long; per run.$$;
comment on column recon.tolerances.grace_ms is
    $$A difference younger than this may still be in flight: neither clean nor dirty.$$;
comment on column recon.tolerances.foreign_orders is
    $$Orders without a prefix of ours: REFUSE counts them as unknown, IGNORE only mentions them.$$;
comment on table recon.snapshots is
    $$What the broker said it holds, verbatim, each captured after the one before; append-only.$$;
comment on table recon.refusals is
    $$Snapshots that prove nothing, verbatim, and why; append-only. They change no verdict.$$;
comment on table recon.comparisons is
    $$The result of one comparison; its verdict and hash are computed from the row; append-only.$$;
comment on column recon.comparisons.books is $$Our side, as it was compared.$$;
comment on column recon.comparisons.drifts_sha256 is
    $$Of the comparison's rows in recon.drifts, as recon.hash_drifts gives it.$$;
comment on table recon.drifts is $$Each difference of a comparison; append-only.$$;
comment on column recon.drifts.is_young is
    $$Our side changed after the snapshot was captured: the difference may be the snapshot's age.$$;
comment on column recon.drifts.is_settled is
    $$Seen before, and older than the grace: a fact, not a delay.$$;
comment on table recon.repairs is
    $$Order statuses that were moved forward to what the broker said; append-only.$$;

commit;
