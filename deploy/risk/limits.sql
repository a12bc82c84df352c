-- Deploy mqk:risk/limits to pg
-- requires: run/runs
-- requires: run/trips

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
    max_net_exposure_micros    bigint  not null,
    max_leverage_bps           bigint  not null,
    halt_leverage_bps          bigint  not null,
    max_concentration_bps      bigint  not null,
    price_collar_bps           integer not null,
    max_orders                 bigint  not null,
    order_window_ms            bigint  not null,
    max_messages               bigint  not null,
    message_window_ms          bigint  not null,
    max_repeats                bigint  not null,
    repeat_window_ms           bigint  not null,
    allowed_session            text    not null,
    pdt_mode                   text    not null,
    pdt_max_day_trades         bigint  not null,
    pdt_min_equity_micros      bigint  not null,
    flatten_on_critical        boolean not null,
    reject_storm_max_rejects   integer not null,
    reject_storm_window_ms     bigint  not null,
    allow_short                boolean not null,

    constraint limits_pkey primary key (run_id),
    constraint limits_run_id_fkey foreign key (run_id) references run.runs on delete restrict,
    constraint limits_are_positive check (
        daily_loss_limit_micros > 0 and max_drawdown_micros > 0 and max_order_qty > 0
        and max_order_notional_micros > 0 and max_position_micros > 0
        and max_gross_exposure_micros > 0 and reject_storm_max_rejects > 0
        and reject_storm_window_ms > 0 and max_net_exposure_micros > 0 and max_leverage_bps > 0
        and max_concentration_bps > 0 and price_collar_bps > 0 and max_orders > 0
        and order_window_ms > 0 and max_messages > 0 and message_window_ms > 0
        and max_repeats > 0 and repeat_window_ms > 0),
    constraint limits_halt_beyond_what_they_allow check (halt_leverage_bps >= max_leverage_bps),
    constraint limits_session_is_known check (allowed_session in ('ANY', 'OPEN', 'CLOSED')),
    constraint limits_pdt_mode_is_known check (pdt_mode in ('OFF', 'AUTO', 'ALWAYS')),
    constraint limits_pdt_is_not_negative check (
        pdt_max_day_trades >= 0 and pdt_min_equity_micros >= 0)
);

create table risk.states (
    run_id            uuid        not null,
    session_on        date        not null,
    day_start_micros  bigint      not null,
    peak_micros       bigint      not null,
    equity_micros     bigint      not null,
    gross_micros      bigint      not null,
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

create index decisions_decided_idx on risk.decisions (run_id, decided_at);
create index decisions_denied_idx on risk.decisions (run_id, rule) where verdict = 'DENY';

create type risk.order_facts as (
    instrument_kind  text,
    is_listed        boolean,
    session_state    text,
    restriction      text,
    order_qty        bigint,
    held_qty         bigint,
    buy_qty          bigint,
    sell_qty         bigint,
    mark_micros      bigint,
    reference_micros bigint,
    is_fresh         boolean,
    other_gross      bigint,
    other_high       bigint,
    other_low        bigint,
    equity_micros    bigint,
    orders           bigint,
    messages         bigint,
    repeats          bigint,
    day_trades       bigint,
    is_flagged       boolean,
    limit_micros     bigint,
    stop_micros      bigint,
    is_guarded       boolean
);

create type risk.order_terms as (
    limit_micros bigint,
    stop_micros  bigint,
    is_guarded   boolean
);

create table risk.restrictions (
    symbol          text        not null,
    restriction_seq bigint      not null,
    restriction     text        not null,
    reason          text        not null,
    actor           text        not null,
    effective_at    timestamptz,
    restricted_at   timestamptz not null,

    constraint restrictions_pkey primary key (symbol, restriction_seq),
    constraint restrictions_symbol_is_a_ticker check (symbol ~ '^[A-Z][A-Z0-9.]{0,9}$'),
    constraint restrictions_are_known check (restriction in ('NONE', 'SHORT', 'TRADE')),
    constraint restrictions_say_why check (length(reason) between 1 and 500),
    constraint restrictions_are_not_of_the_past check (effective_at > restricted_at)
);

create table risk.day_trader_flags (
    account_id text        not null,
    flag_seq   bigint      not null,
    is_flagged boolean     not null,
    day_trades bigint      not null,
    reason     text        not null,
    actor      text        not null,
    flagged_at timestamptz not null,

    constraint day_trader_flags_pkey primary key (account_id, flag_seq),
    constraint day_trader_flags_begin_set check (flag_seq > 1 or is_flagged),
    constraint day_trader_flags_say_why check (length(reason) between 1 and 500)
);

create table risk.flattens (
    run_id        uuid        not null,
    halted_seq    bigint      not null,
    halted_status text        not null generated always as ('HALTED') stored,
    reason        text        not null,
    actor         text        not null,
    asked_at      timestamptz not null,
    waits_for     text,
    done_at       timestamptz,

    constraint flattens_pkey primary key (run_id, halted_seq),
    constraint flattens_belong_to_a_halt foreign key (run_id, halted_seq, halted_status)
        references run.run_history (run_id, history_seq, to_status) on delete restrict,
    constraint flattens_say_why check (length(reason) between 1 and 500),
    constraint flattens_that_are_done_wait_for_nothing check (num_nonnulls(waits_for, done_at) <= 1),
    constraint flattens_end_after_they_begin check (done_at >= asked_at)
)
with (fillfactor = 70);

comment on type risk.order_facts is
    $$What an order is judged by: shares, micros, counts within their windows; null is unknown.$$;
comment on column risk.order_facts.buy_qty is
    $$Unsigned shares that other unfinished orders of the symbol may still buy; sell_qty: sell.$$;
comment on column risk.order_facts.other_high is
    $$Value of all other symbols if all their buys fill and no sell does; other_low: the reverse.$$;
comment on column risk.order_facts.limit_micros is
    $$Prices of the order itself; null for one at the market.$$;
comment on column risk.order_facts.is_guarded is
    $$Whether the strategy asks for a protective stop.$$;
comment on type risk.order_terms is
    $$The prices of an order to be judged, and whether its position is to be protected.$$;
comment on column risk.order_facts.reference_micros is $$The close before the mark.$$;
comment on table risk.restrictions is
    $$The restricted list, for all engines; of the rows of a symbol that are in force the last counts;
append-only.$$;
comment on column risk.restrictions.effective_at is
    $$From when on; null: at once, whatever a worker's clock says.$$;
comment on column risk.restrictions.restriction is
    $$TRADE: nothing may be opened. SHORT: nothing may be sold short. NONE: free again.$$;
comment on table risk.day_trader_flags is
    $$Accounts found to be pattern day traders, and their clearing by a person; append-only.$$;
comment on table risk.flattens is
    $$Orders to close all positions of a halted run, one a halt; void once the halt is cleared.$$;
comment on column risk.flattens.waits_for is $$Why it does not go on, or null.$$;
comment on table risk.limits is $$The limits of a run in money and shares; set once, none may be zero.$$;
comment on table risk.states is $$What the loss limits are measured against; rolled at each session.$$;
comment on column risk.states.worst_day_micros is $$Largest loss from a day's start seen so far.$$;
comment on column risk.states.worst_fall_micros is $$Largest fall from the peak seen so far.$$;
comment on table risk.rejects is $$Orders the broker refused; counted for the reject storm; append-only.$$;
comment on table risk.decisions is
    $$One verdict an intent with the numbers it was made from; append-only.$$;

commit;
