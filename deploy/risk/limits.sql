-- Deploy mqk:risk/limits to pg
-- requires: run/runs

begin;

set local role mqk_owner;

create table risk.limits (
    run_id                     uuid    not null,
    daily_loss_limit_micros    bigint  not null,
    max_drawdown_micros        bigint  not null,
    max_order_qty              bigint  not null,
    max_order_notional_micros  bigint  not null,
    max_position_micros        bigint  not null,
    max_gross_exposure_micros  bigint  not null,
    reject_storm_max_rejects   integer not null,
    reject_storm_window_ms     bigint  not null,
    allow_short                boolean not null,

    constraint limits_pkey primary key (run_id),
    constraint limits_run_id_fkey foreign key (run_id) references run.runs on delete restrict,
    constraint limits_are_positive check (
        daily_loss_limit_micros > 0 and max_drawdown_micros > 0 and max_order_qty > 0
        and max_order_notional_micros > 0 and max_position_micros > 0
        and max_gross_exposure_micros > 0 and reject_storm_max_rejects > 0
        and reject_storm_window_ms > 0)
);

create table risk.states (
    run_id            uuid        not null,
    session_on        date        not null,
    day_start_micros  bigint      not null,
    peak_micros       bigint      not null,
    equity_micros     bigint      not null,
    worst_day_micros  bigint      not null,
    worst_fall_micros bigint      not null,
    evaluated_at      timestamptz not null,

    constraint states_pkey primary key (run_id),
    constraint states_run_id_fkey foreign key (run_id) references run.runs on delete restrict,
    constraint states_peak_is_highest check (peak_micros >= equity_micros),
    constraint states_worsts_are_not_negative check (
        worst_day_micros >= 0 and worst_fall_micros >= 0)
)
with (fillfactor = 70);

create table risk.rejects (
    run_id      uuid        not null,
    reject_seq  bigint      not null,
    reference   text        not null,
    rejected_at timestamptz not null,

    constraint rejects_pkey primary key (run_id, reject_seq),
    constraint rejects_count_an_order_once unique (run_id, reference),
    constraint rejects_run_id_fkey foreign key (run_id) references run.runs on delete restrict
);

create table risk.decisions (
    run_id       uuid        not null,
    intent_id    uuid        not null,
    verdict      text        not null,
    rule         text        not null,
    symbol       text        not null,
    order_qty    bigint      not null,
    numbers      jsonb       not null,
    decided_at   timestamptz not null,

    constraint decisions_pkey primary key (run_id, intent_id),
    constraint decisions_verdict_is_addressable unique (
        run_id, intent_id, verdict, symbol, order_qty),
    constraint decisions_run_id_fkey foreign key (run_id)
        references run.runs on delete restrict,
    constraint decisions_verdict_is_known check (verdict in ('ALLOW', 'DENY')),
    constraint decisions_that_deny_name_a_rule check (
        (verdict = 'ALLOW') = (rule = 'NONE'))
);

create index decisions_denied_idx on risk.decisions (run_id, rule) where verdict = 'DENY';

comment on table risk.limits is $$The limits of a run in money and shares; set once, none may be zero.$$;
comment on table risk.states is $$What the loss limits are measured against; rolled at each session.$$;
comment on column risk.states.worst_day_micros is $$Largest loss from a day's start seen so far.$$;
comment on column risk.states.worst_fall_micros is $$Largest fall from the peak seen so far.$$;
comment on table risk.rejects is $$Orders the broker refused; counted for the reject storm; append-only.$$;
comment on table risk.decisions is
    $$One verdict an intent with the numbers it was made from; append-only.$$;

commit;
