-- Deploy mqk:sim/paper to pg
-- requires: rooms

begin;

set local role mqk_owner;

create table sim.accounts (
    account_id           text        not null,
    opening_cash_micros  bigint      not null,
    cash_micros          bigint      not null,
    fill_profile         text        not null,
    slippage_bps         integer     not null,
    volatility_mult_bps  integer     not null,
    max_slippage_bps     integer     not null,
    fee_per_share_micros bigint      not null,
    fee_bps              integer     not null,
    participation_bps    integer     not null,
    split_above_qty      bigint      not null,
    last_event_no        bigint      not null,
    opened_at            timestamptz not null,

    constraint accounts_pkey primary key (account_id),
    constraint accounts_open_with_cash check (opening_cash_micros > 0),
    constraint accounts_profile_is_known check (fill_profile in ('worst_case', 'next_open')),
    constraint accounts_costs_never_favour_us check (
        least(slippage_bps, volatility_mult_bps, fee_bps) >= 0 and fee_per_share_micros >= 0
        and max_slippage_bps between slippage_bps and 5000),
    constraint accounts_participation_is_a_share check (participation_bps between 1 and 10000),
    constraint accounts_split_is_positive check (split_above_qty > 0)
)
with (fillfactor = 70);

create table sim.quotes (
    account_id   text        not null,
    symbol       text        not null,
    close_micros bigint      not null,
    bar_end_at   timestamptz not null,

    constraint quotes_pkey primary key (account_id, symbol),
    constraint quotes_account_id_fkey foreign key (account_id)
        references sim.accounts on delete restrict,
    constraint quotes_price_is_positive check (close_micros > 0)
)
with (fillfactor = 70);

create table sim.positions (
    account_id   text   not null,
    symbol       text   not null,
    position_qty bigint not null,

    constraint positions_pkey primary key (account_id, symbol),
    constraint positions_account_id_fkey foreign key (account_id)
        references sim.accounts on delete restrict
)
with (fillfactor = 70);

create table sim.orders (
    account_id         text        not null,
    broker_order_id    uuid        not null,
    client_order_id    text        not null,
    symbol             text        not null,
    order_qty          bigint      not null,
    order_type         text        not null,
    limit_price_micros bigint,
    stop_price_micros  bigint,
    time_in_force      text        not null,
    order_status       text        not null,
    filled_qty         bigint      not null,
    is_triggered       boolean     not null,
    submitted_at       timestamptz not null,

    constraint orders_pkey primary key (account_id, broker_order_id),
    constraint orders_client_order_id_is_unique unique (account_id, client_order_id),
    constraint orders_account_id_fkey foreign key (account_id)
        references sim.accounts on delete restrict,
    constraint orders_qty_is_not_zero check (order_qty <> 0),
    constraint orders_type_is_known check (order_type in ('MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT')),
    constraint orders_that_stop_have_a_stop check (
        (order_type in ('STOP', 'STOP_LIMIT')) = (stop_price_micros is not null)),
    constraint orders_time_in_force_is_known check (time_in_force in ('DAY', 'GTC')),
    constraint orders_that_are_limited_have_a_limit check (
        (order_type in ('LIMIT', 'STOP_LIMIT')) = (limit_price_micros is not null)),
    constraint orders_that_are_triggered_have_a_stop check (
        not is_triggered or stop_price_micros is not null),
    constraint orders_status_is_known check (order_status in
        ('ACCEPTED', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'EXPIRED', 'REJECTED')),
    constraint orders_fill_within_their_qty check (
        filled_qty between 0 and abs(order_qty)
        and (order_status = 'FILLED') = (filled_qty = abs(order_qty)))
)
with (fillfactor = 70);

create index orders_working_idx on sim.orders (account_id, symbol)
 where order_status in ('ACCEPTED', 'PARTIALLY_FILLED');

create table sim.events (
    account_id      text        not null,
    event_no        bigint      not null,
    event_kind      text        not null,
    broker_order_id uuid        not null,
    client_order_id text        not null,
    execution_id    text,
    event_qty       bigint,
    price_micros    bigint,
    fee_micros      bigint,
    cum_qty         bigint      not null,
    order_qty       bigint      not null,
    position_qty    bigint      not null,
    reason          text,
    occurred_at     timestamptz not null,

    constraint events_pkey primary key (account_id, event_no),
    constraint events_order_fkey foreign key (account_id, broker_order_id)
        references sim.orders on delete restrict,
    constraint events_kind_is_known check (event_kind in
        ('new', 'partial_fill', 'fill', 'canceled', 'expired', 'replaced', 'rejected')),
    constraint events_of_fills_carry_their_terms check (
        (event_kind in ('partial_fill', 'fill'))
        = (num_nulls(execution_id, event_qty, price_micros, fee_micros) = 0))
);

create index events_order_idx on sim.events (account_id, broker_order_id);

create table sim.actions (
    account_id    text        not null,
    action_id     uuid        not null,
    symbol        text        not null,
    action_kind   text        not null,
    effective_at  timestamptz not null,
    ratio_num     bigint      not null,
    ratio_den     bigint      not null,
    amount_micros bigint      not null,
    pay_at        timestamptz,
    held_qty      bigint,
    announced_at  timestamptz not null,
    applied_at    timestamptz,
    paid_at       timestamptz,

    constraint actions_pkey primary key (account_id, action_id),
    constraint actions_account_id_fkey foreign key (account_id)
        references sim.accounts on delete restrict,
    constraint actions_kind_is_known check (action_kind in ('SPLIT', 'CASH_DIVIDEND')),
    constraint actions_split_by_a_ratio check (least(ratio_num, ratio_den) >= 1),
    constraint actions_know_who_held_once_applied check (
        (applied_at is null) = (held_qty is null)),
    constraint actions_are_paid_after_they_are_applied check (
        paid_at is null or applied_at <= paid_at)
)
with (fillfactor = 70);

create index actions_open_idx on sim.actions (account_id, effective_at)
 where applied_at is null or paid_at is null;

comment on table sim.accounts is
    $$Paper accounts with their cost model. A world of its own: our books never read it.$$;
comment on column sim.accounts.participation_bps is $$Share of a bar's volume that may fill.$$;
comment on column sim.accounts.split_above_qty is $$Larger fills come as two executions.$$;
comment on table sim.quotes is
    $$Last close of a symbol that an account's market has seen; each account has its own pace.$$;
comment on table sim.positions is $$What the paper broker holds for an account.$$;
comment on table sim.orders is $$Orders as the paper broker knows them.$$;
comment on column sim.orders.is_triggered is
    $$A bar has touched its stop: it trades on as a market or a limit order.$$;
comment on table sim.actions is
    $$Corporate actions that the paper market was told of, and what it did with them.$$;
comment on column sim.actions.held_qty is $$Signed shares on the ex morning, before the action.$$;
comment on table sim.events is $$What the paper broker tells its client; append-only, replayable.$$;
comment on column sim.events.event_qty is $$Unsigned shares of this execution.$$;

commit;
