-- Deploy mqk:strat/decisions to pg
-- requires: run/runs
-- requires: md/bars

begin;

set local role mqk_owner;

create table strat.strategies (
    strategy_id   text        not null,
    strategy_kind text        not null,
    version       text        not null,
    is_enabled    boolean     not null,
    registered_at timestamptz not null,

    constraint strategies_pkey primary key (strategy_id),
    constraint strategies_id_is_a_name check (strategy_id ~ '^[a-z][a-z0-9_]{1,39}$'),
    constraint strategies_kind_is_known check (strategy_kind in ('PYTHON', 'SQL'))
);

create table strat.assignments (
    run_id      uuid    not null,
    strategy_id text    not null,
    timeframe   text    not null,
    window_bars integer not null,
    parameters  jsonb   not null,
    stop_bps    integer not null,

    constraint assignments_pkey primary key (run_id),
    constraint assignments_strategy_is_addressable unique (run_id, strategy_id),
    constraint assignments_run_id_fkey foreign key (run_id)
        references run.runs on delete restrict,
    constraint assignments_strategy_id_fkey foreign key (strategy_id)
        references strat.strategies on delete restrict,
    constraint assignments_timeframe_is_known check (
        timeframe in ('1m', '5m', '15m', '1H', '1D')),
    constraint assignments_stop_is_bounded check (stop_bps between 0 and 5000),
    constraint assignments_window_is_bounded check (window_bars between 1 and 1000),
    constraint assignments_parameters_are_an_object check (jsonb_typeof(parameters) = 'object')
);

create index assignments_strategy_idx on strat.assignments (strategy_id);

create table strat.decisions (
    run_id         uuid        not null,
    strategy_id    text        not null,
    bar_end_at     timestamptz not null,
    context_sha256 text        not null,
    decided_at     timestamptz not null,

    constraint decisions_pkey primary key (run_id, strategy_id, bar_end_at),
    constraint decisions_assignment_fkey foreign key (run_id, strategy_id)
        references strat.assignments (run_id, strategy_id) on delete restrict,
    constraint decisions_come_after_their_bar check (bar_end_at <= decided_at)
);

create table strat.targets (
    run_id             uuid        not null,
    strategy_id        text        not null,
    bar_end_at         timestamptz not null,
    symbol             text        not null,
    target_qty         bigint      not null,
    order_type         text        not null,
    limit_price_micros bigint,
    stop_price_micros  bigint,

    constraint targets_pkey primary key (run_id, strategy_id, bar_end_at, symbol),
    constraint targets_decision_fkey foreign key (run_id, strategy_id, bar_end_at)
        references strat.decisions on delete restrict,
    constraint targets_symbol_is_in_the_universe foreign key (run_id, symbol)
        references run.universe on delete restrict,
    constraint targets_are_bounded check (abs(target_qty) <= 1000000000),
    constraint targets_type_is_known check (order_type in ('MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT')),
    constraint targets_that_stop_have_a_stop check (
        (order_type in ('STOP', 'STOP_LIMIT')) = (stop_price_micros is not null)),
    constraint targets_that_are_limited_have_a_limit check (
        (order_type in ('LIMIT', 'STOP_LIMIT')) = (limit_price_micros is not null)),
    constraint targets_prices_are_bounded check (
        least(limit_price_micros, stop_price_micros) > 0
        and greatest(limit_price_micros, stop_price_micros) <= 1000000000000),
    constraint targets_limit_is_on_a_tick check (
        limit_price_micros % case when limit_price_micros >= 1000000 then 10000 else 100 end = 0),
    constraint targets_stop_is_on_a_tick check (
        stop_price_micros % case when stop_price_micros >= 1000000 then 10000 else 100 end = 0)
);

create type strat.wish as (
    target_qty         bigint,
    order_type         text,
    limit_price_micros bigint,
    stop_price_micros  bigint
);

create index targets_universe_idx on strat.targets (run_id, symbol);

comment on table strat.strategies is
    $$Strategies that runs may use; PYTHON ones run in a worker, SQL ones here.$$;
comment on table strat.assignments is $$The one strategy of a run, with its parameters.$$;
comment on column strat.assignments.stop_bps is
    $$How far a protective stop trails the last close, in basis points; 0: no stop is asked for.$$;
comment on table strat.decisions is
    $$One decision a strategy and closed bar; append-only, so never decided twice.$$;
comment on column strat.decisions.context_sha256 is $$Digest of exactly what the strategy was shown.$$;
comment on table strat.targets is $$The position a strategy wants; append-only.$$;
comment on column strat.targets.target_qty is $$Signed whole shares: plus long, minus short, 0 flat.$$;
comment on column strat.targets.order_type is $$How the way to the position is traded.$$;
comment on type strat.wish is
    $$What a strategy wants of a symbol: shares to hold, and by which order, prices in micros.$$;

commit;
