-- Deploy mqk:lab/backtests to pg
-- requires: md/bars
-- requires: risk/limits

begin;

set local role mqk_owner;

create table lab.datasets (
    dataset_id  uuid        not null,
    exchange_id text        not null,
    timeframe   text        not null,
    symbols     text[]      not null,
    from_on     date        not null,
    to_on       date        not null,
    ticks       integer     not null,
    bars        bigint      not null,
    data_sha256 text        not null,
    frozen_by   text        not null,
    frozen_at   timestamptz not null,

    constraint datasets_pkey primary key (dataset_id),
    constraint datasets_timeframe_fkey foreign key (timeframe)
        references ref.timeframes on delete restrict,
    constraint datasets_have_symbols check (cardinality(symbols) between 1 and 500),
    constraint datasets_have_ticks check (ticks > 0 and bars > 0),
    constraint datasets_hash_is_sha256 check (data_sha256 ~ '^[0-9a-f]{64}$')
);

create table lab.packs (
    dataset_id   uuid          not null,
    pack_no      integer       not null,
    first_tick   integer       not null,
    ends_at      timestamptz[] not null,
    sessions     integer[]     not null,
    ends_session boolean[]     not null,
    is_complete  boolean[]     not null,
    opens        bigint[]      not null,
    highs        bigint[]      not null,
    lows         bigint[]      not null,
    closes       bigint[]      not null,
    volumes      bigint[]      not null,

    constraint packs_pkey primary key (dataset_id, pack_no),
    constraint packs_dataset_id_fkey foreign key (dataset_id)
        references lab.datasets on delete restrict deferrable initially deferred,
    constraint packs_are_rectangular check (
        cardinality(closes) % cardinality(ends_at) = 0
        and cardinality(opens) = cardinality(closes) and cardinality(highs) = cardinality(closes)
        and cardinality(lows) = cardinality(closes) and cardinality(volumes) = cardinality(closes)
        and cardinality(sessions) = cardinality(ends_at)
        and cardinality(ends_session) = cardinality(ends_at)
        and cardinality(is_complete) = cardinality(ends_at))
);

create table lab.splits (
    dataset_id   uuid        not null,
    symbol_no    integer     not null,
    tick_no      integer     not null,
    effective_at timestamptz not null,
    ratio_num    bigint      not null,
    ratio_den    bigint      not null,

    constraint splits_pkey primary key (dataset_id, symbol_no, tick_no),
    constraint splits_are_addressable unique (dataset_id, symbol_no, tick_no, ratio_num, ratio_den),
    constraint splits_dataset_id_fkey foreign key (dataset_id)
        references lab.datasets on delete restrict,
    constraint splits_come_after_a_bar check (tick_no > 1),
    constraint splits_have_a_ratio check (
        least(ratio_num, ratio_den) >= 1 and greatest(ratio_num, ratio_den) <= 10000
        and ratio_num <> ratio_den and gcd(ratio_num, ratio_den) = 1)
);

create table lab.backtests (
    backtest_id   uuid        not null,
    dataset_id    uuid        not null,
    config_hash   text        not null,
    strategy_id   text        not null,
    code_sha256   text,
    parameters    jsonb       not null,
    initial_cash_micros bigint not null,
    latency_bars  integer     not null,
    backtest_status text      not null,
    halt_reason   text,
    halted_at     timestamptz,
    ticks         integer,
    orders        integer,
    fills         integer,
    cash_micros   bigint,
    equity_micros bigint,
    digest        text,
    created_by    text        not null,
    created_at    timestamptz not null,

    constraint backtests_pkey primary key (backtest_id),
    constraint backtests_dataset_id_fkey foreign key (dataset_id)
        references lab.datasets on delete restrict,
    constraint backtests_status_is_known check (
        backtest_status in ('CREATED', 'COMPLETED', 'HALTED')),
    constraint backtests_that_halted_say_why check (
        (backtest_status = 'HALTED') = (num_nonnulls(halt_reason, halted_at) = 2)),
    constraint backtests_that_ended_have_a_result check (
        (backtest_status = 'CREATED')
        = (num_nulls(ticks, orders, fills, cash_micros, equity_micros, digest) = 6)
        and num_nulls(ticks, orders, fills, cash_micros, equity_micros, digest) in (0, 6)),
    constraint backtests_latency_is_bounded check (latency_bars between 0 and 100),
    constraint backtests_are_of_a_config unique (backtest_id, config_hash),
    constraint backtests_are_of_a_dataset unique (backtest_id, dataset_id),
    constraint backtests_are_of_a_code unique (backtest_id, code_sha256),
    constraint backtests_have_one_result unique (backtest_id, digest),
    constraint backtests_config_hash_fkey foreign key (config_hash)
        references run.configs on delete restrict,
    constraint backtests_begin_with_cash check (initial_cash_micros > 0)
);

create index backtests_dataset_idx on lab.backtests (dataset_id);
create index backtests_config_idx on lab.backtests (config_hash);

create table lab.signals (
    backtest_id uuid    not null,
    tick_no     integer not null,
    symbol_no   integer not null,
    signal_kind text    not null,
    amount      bigint  not null,
    limit_price_micros bigint,
    stop_price_micros  bigint,

    constraint signals_pkey primary key (backtest_id, tick_no, symbol_no),
    constraint signals_backtest_id_fkey foreign key (backtest_id)
        references lab.backtests on delete restrict,
    constraint signals_kind_is_known check (signal_kind in ('SHARES', 'WEIGHT', 'KEEP')),
    constraint signals_are_bounded check (abs(amount) <= 1000000000),
    constraint signals_prices_are_bounded check (
        least(limit_price_micros, stop_price_micros) > 0
        and greatest(limit_price_micros, stop_price_micros) <= 1000000000000),
    constraint signals_limit_is_on_a_tick check (
        limit_price_micros % case when limit_price_micros >= 1000000 then 10000 else 100 end = 0),
    constraint signals_stop_is_on_a_tick check (
        stop_price_micros % case when stop_price_micros >= 1000000 then 10000 else 100 end = 0)
);

create table lab.orders (
    backtest_id  uuid    not null,
    order_no     integer not null,
    tick_no      integer not null,
    symbol_no    integer not null,
    leg          text    not null,
    order_qty    bigint  not null,
    limit_price_micros bigint,
    stop_price_micros bigint,
    filled_qty   bigint  not null,
    order_status text    not null,
    ended_tick   integer,

    constraint orders_pkey primary key (backtest_id, order_no),
    constraint orders_are_given_once unique (backtest_id, order_no, tick_no, symbol_no),
    constraint orders_backtest_id_fkey foreign key (backtest_id)
        references lab.backtests on delete restrict,
    constraint orders_leg_is_known check (leg in ('TARGET', 'STOP', 'FLATTEN')),
    constraint orders_that_are_stops_have_a_price check (
        case leg when 'STOP' then coalesce(stop_price_micros > 0, false) and limit_price_micros is null
                 when 'TARGET' then least(limit_price_micros, stop_price_micros) > 0
                 else num_nonnulls(limit_price_micros, stop_price_micros) = 0 end),
    constraint orders_status_is_known check (
        order_status in ('OPEN', 'FILLED', 'EXPIRED', 'CANCELED', 'REJECTED')),
    constraint orders_fill_within_their_qty check (
        order_qty <> 0 and filled_qty between 0 and abs(order_qty)
        and (order_status = 'FILLED') = (filled_qty = abs(order_qty)))
);

create table lab.moved_stops (
    backtest_id       uuid    not null,
    move_no           integer not null,
    order_no          integer not null,
    tick_no           integer not null,
    stop_price_micros bigint  not null,

    constraint moved_stops_pkey primary key (backtest_id, move_no),
    constraint moved_stops_order_fkey foreign key (backtest_id, order_no)
        references lab.orders on delete restrict,
    constraint moved_stops_have_a_price check (stop_price_micros > 0)
);

create table lab.denials (
    backtest_id uuid    not null,
    tick_no     integer not null,
    symbol_no   integer not null,
    order_qty   bigint  not null,
    rule        text    not null,

    constraint denials_pkey primary key (backtest_id, tick_no, symbol_no),
    constraint denials_backtest_id_fkey foreign key (backtest_id)
        references lab.backtests on delete restrict
);

create table lab.fills (
    backtest_id  uuid    not null,
    fill_no      integer not null,
    order_no     integer not null,
    given_tick   integer not null,
    tick_no      integer not null,
    symbol_no    integer not null,
    fill_qty     bigint  not null,
    price_micros bigint  not null,
    fee_micros   bigint  not null,

    constraint fills_pkey primary key (backtest_id, fill_no),
    constraint fills_order_fkey foreign key (backtest_id, order_no, given_tick, symbol_no)
        references lab.orders (backtest_id, order_no, tick_no, symbol_no) on delete restrict,
    constraint fills_come_after_their_order check (tick_no > given_tick),
    constraint fills_are_positive check (fill_qty <> 0 and price_micros > 0 and fee_micros >= 0)
);

create table lab.closes (
    backtest_id        uuid    not null,
    close_no           integer not null,
    symbol_no          integer not null,
    entry_fill_no      integer not null,
    exit_fill_no       integer not null,
    closed_qty         bigint  not null,
    entry_price_micros bigint  not null,
    split_tick         integer,
    cost_micros        bigint  not null,
    exit_price_micros  bigint  not null,
    realized_micros    bigint  not null generated always as
        (closed_qty * exit_price_micros - cost_micros) stored,

    constraint closes_pkey primary key (backtest_id, close_no),
    constraint closes_backtest_id_fkey foreign key (backtest_id)
        references lab.backtests on delete restrict,
    constraint closes_close_something check (closed_qty <> 0 and entry_fill_no < exit_fill_no),
    constraint closes_cost_the_entry_price_until_a_split check (
        split_tick is not null or cost_micros = closed_qty * entry_price_micros)
);

create table lab.curves (
    backtest_id   uuid     not null,
    pack_no       integer  not null,
    equity_micros bigint[] not null,

    constraint curves_pkey primary key (backtest_id, pack_no),
    constraint curves_backtest_id_fkey foreign key (backtest_id)
        references lab.backtests on delete restrict
);

create table lab.flows (
    backtest_id   uuid    not null,
    flow_no       integer not null,
    tick_no       integer not null,
    symbol_no     integer not null,
    flow_kind     text    not null,
    amount_micros bigint  not null,

    constraint flows_pkey primary key (backtest_id, flow_no),
    constraint flows_backtest_id_fkey foreign key (backtest_id)
        references lab.backtests on delete restrict,
    constraint flows_kind_is_known check (flow_kind in ('DIVIDEND', 'SPLIT')),
    constraint flows_move_cash check (amount_micros <> 0)
);

create table lab.adjustments (
    backtest_id      uuid    not null,
    dataset_id       uuid    not null,
    symbol_no        integer not null,
    tick_no          integer not null,
    ratio_num        bigint  not null,
    ratio_den        bigint  not null,
    reference_micros bigint,
    held_qty         bigint  not null,
    new_qty          bigint  not null,
    cash_micros      bigint  not null,

    constraint adjustments_pkey primary key (backtest_id, dataset_id, symbol_no, tick_no),
    constraint adjustments_backtest_id_fkey foreign key (backtest_id, dataset_id)
        references lab.backtests (backtest_id, dataset_id) on delete restrict,
    constraint adjustments_are_of_a_split foreign key (
        dataset_id, symbol_no, tick_no, ratio_num, ratio_den)
        references lab.splits (dataset_id, symbol_no, tick_no, ratio_num, ratio_den)
        on delete restrict,
    constraint adjustments_split_what_was_held check (
        new_qty = div(held_qty::numeric * ratio_num, ratio_den)),
    constraint adjustments_pay_the_fraction check (
        cash_micros = case when mod(held_qty::numeric * ratio_num, ratio_den) = 0 then 0
                           else floor(mod(held_qty::numeric * ratio_num, ratio_den)
                                      * reference_micros / ratio_num) end)
);

create type lab.terms as (
    engine_id            text,
    account_id           text,
    strategy_id          text,
    id_base              uuid,
    fill_profile         text,
    slippage_bps         integer,
    volatility_mult_bps  integer,
    max_slippage_bps     integer,
    fee_per_share_micros bigint,
    fee_bps              integer,
    participation_bps    integer,
    split_above_qty      bigint,
    stale_after_ms       bigint,
    latency_bars         integer,
    stop_bps             integer
);

create type lab.lot_queue as (
    ticks        integer[],
    sessions     integer[],
    qtys         bigint[],
    is_day_trade boolean
);

comment on type lab.terms is
    $$What the market of a backtest charges and how late its bars may be; id_base: the run whose ids its
orders would have; latency_bars: how many bars pass an order by before it can trade, in a stress test.$$;
comment on table lab.datasets is
    $$A frozen cut of the store: what a backtest saw. Never changes; the same cut has the same id.$$;
comment on table lab.packs is
    $$The bars of a dataset, some hundred ticks a row, symbol by symbol: value (s - 1) * ticks + t belongs
to symbol s and tick t. A null: there is no bar.$$;
comment on table lab.splits is
    $$The splits of a dataset: from tick_no on, the first tick that ends after effective_at, bars are of
ratio_num new shares for ratio_den old ones. Frozen with the bars.$$;
comment on table lab.backtests is $$One backtest: what it was run on, and how it ended.$$;
comment on column lab.backtests.code_sha256 is
    $$Digest of the strategy's code; null for one that has none, such as targets by hand.$$;
comment on table lab.signals is
    $$What a strategy wants from a tick on: SHARES to hold, signed; a WEIGHT of equity in bps, sized when
the position is opened and kept while the sign stays; or to KEEP what is held. With a limit or a stop
price, or both, it is traded by such orders, until another signal.$$;
comment on table lab.orders is $$Orders of a backtest.$$;
comment on column lab.orders.stop_price_micros is
    $$Where a protective stop was placed, or where an order that a strategy gave is triggered.$$;
comment on table lab.moved_stops is $$Where protective stops were tightened to, and when.$$;
comment on type lab.lot_queue is
    $$The open lots of a symbol, oldest first: when they were opened, signed shares; is_day_trade: the last
fill closed what its session had opened.$$;
comment on table lab.denials is $$Orders that a risk rule denied.$$;
comment on table lab.fills is
    $$Executions of a backtest; fill_qty signed, plus bought; given_tick: the tick of their order.$$;
comment on table lab.closes is $$Pieces of lots that fills closed, first in, first out.$$;
comment on table lab.flows is
    $$Cash of a backtest that no fill moved: dividends, and fractions of shares that a split left; plus
received, minus paid on a short position.$$;
comment on table lab.adjustments is
    $$What splits made of what a backtest held: whole shares, and cash for the fraction of a share that was
left, at the last close of before.$$;
comment on table lab.curves is $$Equity at the end of each tick, packed as the dataset is.$$;

commit;
