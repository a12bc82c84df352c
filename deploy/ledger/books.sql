-- Deploy mqk:ledger/books to pg
-- requires: run/runs

begin;

set local role mqk_owner;

create table ledger.fills (
    run_id          uuid        not null,
    fill_seq        bigint      not null,
    account_id      text        not null,
    execution_id    text        not null,
    client_order_id text        not null,
    symbol          text        not null,
    fill_qty        bigint      not null,
    price_micros    bigint      not null,
    notional_micros bigint      not null generated always as
        (abs(fill_qty) * price_micros) stored,
    fee_micros      bigint      not null,
    is_late         boolean     not null,
    reverses_seq    bigint,
    corrects_seq    bigint,
    fill_kind       text        not null generated always as (
        case when reverses_seq is not null then 'REVERSAL'
             when corrects_seq is not null then 'CORRECTION'
             else 'FILL' end) stored,
    reversed_qty    bigint      generated always as
        (case when reverses_seq is not null then -fill_qty end) stored,
    reversed_fee    bigint      generated always as
        (case when reverses_seq is not null then -fee_micros end) stored,
    executed_at     timestamptz not null,
    booked_at       timestamptz not null,

    constraint fills_pkey primary key (run_id, fill_seq),
    constraint fills_are_booked_once unique (account_id, execution_id),
    constraint fills_terms_are_addressable unique (
        run_id, fill_seq, symbol, fill_qty, price_micros, fee_micros),
    constraint fills_are_reversed_once unique (run_id, reverses_seq),
    constraint fills_are_reversed_whole foreign key (
        run_id, reverses_seq, symbol, reversed_qty, price_micros, reversed_fee)
        references ledger.fills (
        run_id, fill_seq, symbol, fill_qty, price_micros, fee_micros) on delete restrict,
    constraint fills_are_corrected_once unique (run_id, corrects_seq),
    constraint fills_that_correct_follow_a_reversal foreign key (run_id, corrects_seq)
        references ledger.fills (run_id, reverses_seq) on delete restrict,
    constraint fills_reverse_or_correct check (num_nonnulls(reverses_seq, corrects_seq) <= 1),
    constraint fills_come_before_their_reversal check (reverses_seq < fill_seq),
    constraint fills_symbol_is_in_the_universe foreign key (run_id, symbol)
        references run.universe on delete restrict,
    constraint fills_qty_is_not_zero check (fill_qty <> 0 and abs(fill_qty) <= 1000000000),
    constraint fills_price_is_positive check (price_micros between 1 and 10000000000000),
    constraint fills_fee_is_not_negative check (
        fee_micros * case when reverses_seq is null then 1 else -1 end
        between 0 and 4000000000000000)
);

create index fills_order_idx on ledger.fills (run_id, client_order_id);
create index fills_universe_idx on ledger.fills (run_id, symbol, executed_at, execution_id);

create table ledger.entries (
    run_id                uuid        not null,
    entry_seq             bigint      not null,
    prev_seq              bigint      generated always as (nullif(entry_seq, 1) - 1) stored,
    entry_kind            text        not null,
    fill_seq              bigint,
    deposit_delta_micros  bigint      not null,
    cash_delta_micros     bigint      not null,
    cost_delta_micros     bigint      not null,
    realized_delta_micros bigint      not null,
    fee_delta_micros      bigint      not null,
    deposits_micros       bigint      not null,
    cash_micros           bigint      not null,
    cost_micros           bigint      not null,
    realized_micros       bigint      not null,
    fees_micros           bigint      not null,
    deposits_before       bigint      not null generated always as
        (deposits_micros - deposit_delta_micros) stored,
    cash_before           bigint      not null generated always as
        (cash_micros - cash_delta_micros) stored,
    cost_before           bigint      not null generated always as
        (cost_micros - cost_delta_micros) stored,
    realized_before       bigint      not null generated always as
        (realized_micros - realized_delta_micros) stored,
    fees_before           bigint      not null generated always as
        (fees_micros - fee_delta_micros) stored,
    booked_at             timestamptz not null,

    constraint entries_pkey primary key (run_id, entry_seq),
    constraint entries_run_id_fkey foreign key (run_id) references run.runs on delete restrict,
    constraint entries_balances_are_addressable unique (
        run_id, entry_seq, deposits_micros, cash_micros, cost_micros, realized_micros,
        fees_micros),
    constraint entries_continue_the_balances_before foreign key (
        run_id, prev_seq, deposits_before, cash_before, cost_before, realized_before, fees_before)
        references ledger.entries (
        run_id, entry_seq, deposits_micros, cash_micros, cost_micros, realized_micros,
        fees_micros) on delete restrict,
    constraint entries_begin_at_zero check (entry_seq > 1 or (
        deposits_before = 0 and cash_before = 0 and cost_before = 0 and realized_before = 0
        and fees_before = 0)),
    constraint entries_balance check (
        cash_delta_micros + cost_delta_micros
        = deposit_delta_micros + realized_delta_micros - fee_delta_micros),
    constraint entries_kind_is_known check (entry_kind in ('DEPOSIT', 'FILL', 'REVERSAL')),
    constraint entries_of_fills_name_their_fill check (
        (entry_kind <> 'DEPOSIT') = (fill_seq is not null)),
    constraint entries_of_deposits_move_cash_only check (entry_kind <> 'DEPOSIT' or (
        cost_delta_micros = 0 and realized_delta_micros = 0 and fee_delta_micros = 0)),
    constraint entries_of_fills_deposit_nothing check (
        entry_kind = 'DEPOSIT' or deposit_delta_micros = 0),
    constraint entries_book_a_fill_once unique (run_id, fill_seq),
    constraint entries_fill_fkey foreign key (run_id, fill_seq)
        references ledger.fills on delete restrict
);

create table ledger.portfolios (
    run_id          uuid   not null,
    entry_seq       bigint not null,
    deposits_micros bigint not null,
    cash_micros     bigint not null,
    cost_micros     bigint not null,
    realized_micros bigint not null,
    fees_micros     bigint not null,

    constraint portfolios_pkey primary key (run_id),
    constraint portfolios_are_the_last_entry foreign key (
        run_id, entry_seq, deposits_micros, cash_micros, cost_micros, realized_micros, fees_micros)
        references ledger.entries (
        run_id, entry_seq, deposits_micros, cash_micros, cost_micros, realized_micros,
        fees_micros) on delete restrict deferrable initially deferred
)
with (fillfactor = 70);

create table ledger.lots (
    run_id             uuid        not null,
    symbol             text        not null,
    match_no           bigint      not null,
    lot_seq            bigint      not null,
    queue_no           bigint      not null,
    opened_qty         bigint      not null,
    open_qty           bigint      not null,
    entry_price_micros bigint      not null,
    opened_at          timestamptz not null,

    constraint lots_pkey primary key (run_id, symbol, match_no, lot_seq),
    constraint lots_terms_are_addressable unique (
        run_id, symbol, match_no, lot_seq, queue_no, entry_price_micros),
    constraint lots_are_opened_by_a_fill foreign key (run_id, lot_seq)
        references ledger.fills (run_id, fill_seq) on delete restrict,
    constraint lots_never_grow_or_turn check (
        opened_qty <> 0 and abs(open_qty) <= abs(opened_qty)
        and sign(open_qty) in (0, sign(opened_qty)))
)
with (fillfactor = 70);

create index lots_open_idx on ledger.lots (run_id, symbol, match_no, queue_no) where open_qty <> 0;

create table ledger.lot_closes (
    run_id             uuid        not null,
    symbol             text        not null,
    match_no           bigint      not null,
    fill_seq           bigint      not null,
    fill_queue_no      bigint      not null,
    lot_seq            bigint      not null,
    lot_queue_no       bigint      not null,
    closed_qty         bigint      not null,
    entry_price_micros bigint      not null,
    exit_price_micros  bigint      not null,
    realized_micros    bigint      not null generated always as
        (closed_qty * (exit_price_micros - entry_price_micros)) stored,
    closed_at          timestamptz not null,

    constraint lot_closes_pkey primary key (run_id, symbol, match_no, fill_seq, lot_seq),
    constraint lot_closes_are_made_by_a_fill foreign key (run_id, fill_seq)
        references ledger.fills on delete restrict,
    constraint lot_closes_use_the_lots_price foreign key (
        run_id, symbol, match_no, lot_seq, lot_queue_no, entry_price_micros)
        references ledger.lots (
        run_id, symbol, match_no, lot_seq, queue_no, entry_price_micros) on delete restrict,
    constraint lot_closes_come_after_the_opening check (fill_queue_no > lot_queue_no),
    constraint lot_closes_qty_is_not_zero check (closed_qty <> 0)
);

create index lot_closes_lot_idx on ledger.lot_closes (
    run_id, symbol, match_no, lot_seq, lot_queue_no, entry_price_micros);

create table ledger.positions (
    run_id          uuid        not null,
    symbol          text        not null,
    match_no        bigint      not null,
    position_qty    bigint      not null,
    cost_micros     bigint      not null,
    realized_micros bigint      not null,
    changed_at      timestamptz not null,

    constraint positions_pkey primary key (run_id, symbol),
    constraint positions_symbol_is_in_the_universe foreign key (run_id, symbol)
        references run.universe on delete restrict,
    constraint positions_cost_has_the_sign_of_the_qty check (
        sign(position_qty) = sign(cost_micros))
)
with (fillfactor = 70);

create table ledger.equity_points (
    run_id        uuid        not null,
    point_seq     bigint      not null,
    session_on    date        not null,
    cash_micros   bigint      not null,
    net_micros    bigint      not null,
    gross_micros  bigint      not null,
    equity_micros bigint      not null generated always as (cash_micros + net_micros) stored,
    marked_at     timestamptz not null,

    constraint equity_points_pkey primary key (run_id, point_seq),
    constraint equity_points_run_id_fkey foreign key (run_id)
        references run.runs on delete restrict,
    constraint equity_points_gross_bounds_net check (gross_micros >= abs(net_micros))
);

comment on table ledger.fills is $$Executions as the broker reported them, in booking order.$$;
comment on column ledger.fills.fill_qty is $$Signed whole shares: plus bought, minus sold.$$;
comment on column ledger.fills.is_late is $$Came after the order had ended; booked all the same.$$;
comment on table ledger.entries is
    $$The cash ledger: every row carries on the balances of the row before it, and balances.$$;
comment on column ledger.entries.cost_micros is
    $$Signed cost basis of all open lots after this entry: plus long, minus short.$$;
comment on table ledger.portfolios is $$The balances of a run: a copy of its last ledger entry.$$;
comment on column ledger.fills.reverses_seq is
    $$The fill that this row takes back whole: busted or corrected by the broker.$$;
comment on column ledger.fills.corrects_seq is $$The reversed fill in whose place this one stands.$$;
comment on table ledger.lots is
    $$FIFO lots: opened by a fill, closed oldest first. Each matching of a symbol has its own set.$$;
comment on column ledger.lots.match_no is
    $$Which matching of the symbol's fills; a late, busted or corrected fill starts the next one.$$;
comment on column ledger.lots.queue_no is $$Place of the opening fill in its matching.$$;
comment on column ledger.lots.open_qty is $$What is left of opened_qty, same sign or zero.$$;
comment on column ledger.positions.match_no is $$The matching that counts.$$;
comment on table ledger.lot_closes is $$Which fill closed how much of which lot, and the profit.$$;
comment on column ledger.lot_closes.closed_qty is $$Sign of the lot: plus closes long, minus short.$$;
comment on table ledger.positions is $$Net position of a run in a symbol; the sum of its open lots.$$;
comment on table ledger.equity_points is $$Equity of a run at the last known marks; append-only.$$;

commit;
