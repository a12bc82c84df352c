-- Deploy mqk:ledger/books to pg
-- requires: run/runs
-- requires: md/actions

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

create table ledger.adjustments (
    run_id           uuid        not null,
    adjustment_seq   bigint      not null,
    action_id        uuid        not null,
    symbol           text        not null,
    action_kind      text        not null,
    effective_at     timestamptz not null,
    ratio_num        bigint      not null,
    ratio_den        bigint      not null,
    amount_micros    bigint      not null,
    reference_micros bigint,
    held_qty         bigint      not null,
    dividend_micros  bigint      not null generated always as (held_qty * amount_micros) stored,
    entry_kind       text        not null generated always as (
        case action_kind when 'SPLIT' then 'SPLIT' else 'DIVIDEND' end) stored,
    applied_at       timestamptz not null,

    constraint adjustments_pkey primary key (run_id, adjustment_seq),
    constraint adjustments_apply_an_action_once unique (run_id, action_id),
    constraint adjustments_do_what_was_announced foreign key (
        action_id, symbol, action_kind, effective_at, ratio_num, ratio_den, amount_micros)
        references md.corporate_actions (
        action_id, symbol, action_kind, effective_at, ratio_num, ratio_den, amount_micros)
        on delete restrict,
    constraint adjustments_symbol_is_in_the_universe foreign key (run_id, symbol)
        references run.universe on delete restrict,
    constraint adjustments_split_is_addressable unique (
        run_id, adjustment_seq, symbol, ratio_num, ratio_den),
    constraint adjustments_dividend_is_addressable unique (
        run_id, adjustment_seq, symbol, entry_kind, dividend_micros),
    constraint adjustments_wait_for_their_day check (effective_at <= applied_at),
    constraint adjustments_reference_is_positive check (reference_micros > 0)
);

create index adjustments_symbol_idx on ledger.adjustments (run_id, symbol, effective_at);
create index adjustments_action_idx on ledger.adjustments (action_id);

create table ledger.entries (
    run_id                uuid        not null,
    entry_seq             bigint      not null,
    prev_seq              bigint      generated always as (nullif(entry_seq, 1) - 1) stored,
    entry_kind            text        not null,
    fill_seq              bigint,
    adjustment_seq        bigint,
    symbol                text,
    qty_delta             bigint      not null,
    deposit_delta_micros  bigint      not null,
    cash_delta_micros     bigint      not null,
    cost_delta_micros     bigint      not null,
    realized_delta_micros bigint      not null,
    fee_delta_micros      bigint      not null,
    income_delta_micros   bigint      not null,
    deposits_micros       bigint      not null,
    cash_micros           bigint      not null,
    cost_micros           bigint      not null,
    realized_micros       bigint      not null,
    fees_micros           bigint      not null,
    income_micros         bigint      not null,
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
    income_before         bigint      not null generated always as
        (income_micros - income_delta_micros) stored,
    booked_at             timestamptz not null,

    constraint entries_pkey primary key (run_id, entry_seq),
    constraint entries_run_id_fkey foreign key (run_id) references run.runs on delete restrict,
    constraint entries_balances_are_addressable unique (
        run_id, entry_seq, deposits_micros, cash_micros, cost_micros, realized_micros,
        fees_micros, income_micros),
    constraint entries_continue_the_balances_before foreign key (
        run_id, prev_seq, deposits_before, cash_before, cost_before, realized_before, fees_before,
        income_before)
        references ledger.entries (
        run_id, entry_seq, deposits_micros, cash_micros, cost_micros, realized_micros,
        fees_micros, income_micros) on delete restrict,
    constraint entries_begin_at_zero check (entry_seq > 1 or (
        deposits_before = 0 and cash_before = 0 and cost_before = 0 and realized_before = 0
        and fees_before = 0 and income_before = 0)),
    constraint entries_balance check (
        cash_delta_micros + cost_delta_micros
        = deposit_delta_micros + realized_delta_micros - fee_delta_micros + income_delta_micros),
    constraint entries_kind_is_known check (
        entry_kind in ('DEPOSIT', 'FILL', 'REVERSAL', 'SPLIT', 'DIVIDEND')),
    constraint entries_of_fills_name_their_fill check (
        (entry_kind in ('FILL', 'REVERSAL')) = (fill_seq is not null)),
    constraint entries_of_actions_name_their_adjustment check (
        (entry_kind in ('SPLIT', 'DIVIDEND')) = (adjustment_seq is not null)),
    constraint entries_but_deposits_name_their_symbol check (
        (entry_kind <> 'DEPOSIT') = (symbol is not null)),
    constraint entries_of_deposits_move_cash_only check (
        entry_kind not in ('DEPOSIT', 'DIVIDEND') or (
        cost_delta_micros = 0 and realized_delta_micros = 0 and fee_delta_micros = 0
        and qty_delta = 0)),
    constraint entries_of_actions_pay_no_fee check (
        adjustment_seq is null or fee_delta_micros = 0),
    constraint entries_but_dividends_are_no_income check (
        entry_kind = 'DIVIDEND' or income_delta_micros = 0),
    constraint entries_pay_the_dividend_of_what_was_held foreign key (
        run_id, adjustment_seq, symbol, entry_kind, income_delta_micros)
        references ledger.adjustments (
        run_id, adjustment_seq, symbol, entry_kind, dividend_micros) on delete restrict,
    constraint entries_of_fills_deposit_nothing check (
        entry_kind = 'DEPOSIT' or deposit_delta_micros = 0),
    constraint entries_book_a_fill_once unique (run_id, fill_seq),
    constraint entries_book_an_adjustment_once unique (run_id, adjustment_seq),
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
    income_micros   bigint not null,

    constraint portfolios_pkey primary key (run_id),
    constraint portfolios_are_the_last_entry foreign key (
        run_id, entry_seq, deposits_micros, cash_micros, cost_micros, realized_micros, fees_micros,
        income_micros)
        references ledger.entries (
        run_id, entry_seq, deposits_micros, cash_micros, cost_micros, realized_micros,
        fees_micros, income_micros) on delete restrict deferrable initially deferred
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
    open_cost_micros   bigint      not null,
    split_qty          bigint      not null,
    split_seq          bigint,
    opened_at          timestamptz not null,

    constraint lots_pkey primary key (run_id, symbol, match_no, lot_seq),
    constraint lots_terms_are_addressable unique (
        run_id, symbol, match_no, lot_seq, queue_no, entry_price_micros),
    constraint lots_are_opened_by_a_fill foreign key (run_id, lot_seq)
        references ledger.fills (run_id, fill_seq) on delete restrict,
    constraint lots_never_grow_or_turn check (
        opened_qty <> 0 and abs(open_qty) <= abs(opened_qty + split_qty)
        and sign(open_qty) in (0, sign(opened_qty))),
    constraint lots_are_split_by_an_adjustment foreign key (run_id, split_seq)
        references ledger.adjustments on delete restrict,
    constraint lots_keep_their_qty_until_a_split check (split_seq is not null or split_qty = 0),
    constraint lots_cost_their_price_until_a_split check (
        split_seq is not null or open_cost_micros = open_qty * entry_price_micros),
    constraint lots_cost_as_long_as_they_are_open check (
        sign(open_cost_micros) = sign(open_qty))
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
    split_seq          bigint,
    open_qty           bigint      not null,
    open_cost_micros   bigint      not null,
    cost_micros        bigint      not null generated always as (
        div(open_cost_micros::numeric * closed_qty, open_qty)::bigint) stored,
    exit_price_micros  bigint      not null,
    realized_micros    bigint      not null generated always as (
        closed_qty * exit_price_micros
        - div(open_cost_micros::numeric * closed_qty, open_qty)::bigint) stored,
    closed_at          timestamptz not null,

    constraint lot_closes_pkey primary key (run_id, symbol, match_no, fill_seq, lot_seq),
    constraint lot_closes_are_made_by_a_fill foreign key (run_id, fill_seq)
        references ledger.fills on delete restrict,
    constraint lot_closes_use_the_lots_price foreign key (
        run_id, symbol, match_no, lot_seq, lot_queue_no, entry_price_micros)
        references ledger.lots (
        run_id, symbol, match_no, lot_seq, queue_no, entry_price_micros) on delete restrict,
    constraint lot_closes_come_after_the_opening check (fill_queue_no > lot_queue_no),
    constraint lot_closes_close_what_is_open check (
        closed_qty <> 0 and sign(closed_qty) = sign(open_qty) and abs(closed_qty) <= abs(open_qty)),
    constraint lot_closes_cost_the_lots_price_until_a_split check (
        split_seq is not null or open_cost_micros = open_qty * entry_price_micros)
);

create index lot_closes_lot_idx on ledger.lot_closes (
    run_id, symbol, match_no, lot_seq, lot_queue_no, entry_price_micros);

create table ledger.splits (
    run_id           uuid   not null,
    symbol           text   not null,
    match_no         bigint not null,
    adjustment_seq   bigint not null,
    ratio_num        bigint not null,
    ratio_den        bigint not null,
    reference_micros bigint,
    held_qty         bigint not null,
    new_qty          bigint not null generated always as (
        div(held_qty::numeric * ratio_num, ratio_den)::bigint) stored,
    cash_micros      bigint not null generated always as (
        case when mod(held_qty::numeric * ratio_num, ratio_den) = 0 then 0
             else floor(mod(held_qty::numeric * ratio_num, ratio_den) * reference_micros
                        / ratio_num) end::bigint) stored,
    cost_micros      bigint not null,
    realized_micros  bigint not null generated always as (
        case when mod(held_qty::numeric * ratio_num, ratio_den) = 0 then 0
             else floor(mod(held_qty::numeric * ratio_num, ratio_den) * reference_micros
                        / ratio_num) end::bigint - cost_micros) stored,

    constraint splits_pkey primary key (run_id, symbol, match_no, adjustment_seq),
    constraint splits_use_the_ratio_of_their_adjustment foreign key (
        run_id, adjustment_seq, symbol, ratio_num, ratio_den)
        references ledger.adjustments (run_id, adjustment_seq, symbol, ratio_num, ratio_den)
        on delete restrict,
    constraint splits_sell_fractions_only check (
        mod(held_qty::numeric * ratio_num, ratio_den) <> 0 or cost_micros = 0)
);

create index splits_adjustment_idx on ledger.splits (
    run_id, adjustment_seq, symbol, ratio_num, ratio_den);

create table ledger.lot_splits (
    run_id           uuid   not null,
    symbol           text   not null,
    match_no         bigint not null,
    adjustment_seq   bigint not null,
    lot_seq          bigint not null,
    from_qty         bigint not null,
    to_qty           bigint not null,
    from_cost_micros bigint not null,
    to_cost_micros   bigint not null,

    constraint lot_splits_pkey primary key (run_id, symbol, match_no, adjustment_seq, lot_seq),
    constraint lot_splits_are_of_a_split foreign key (run_id, symbol, match_no, adjustment_seq)
        references ledger.splits on delete restrict,
    constraint lot_splits_are_of_a_lot foreign key (run_id, symbol, match_no, lot_seq)
        references ledger.lots on delete restrict
);

create index lot_splits_lot_idx on ledger.lot_splits (run_id, symbol, match_no, lot_seq);

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
comment on column ledger.entries.qty_delta is $$By how many shares the position of symbol changed.$$;
comment on column ledger.entries.income_micros is
    $$Dividends after this entry: plus received on long positions, minus paid on short ones.$$;
comment on table ledger.adjustments is
    $$Corporate actions that a run's books have taken over, once each; append-only.$$;
comment on column ledger.adjustments.held_qty is
    $$Shares at effective_at, before the action: those that a dividend is paid for.$$;
comment on column ledger.adjustments.reference_micros is
    $$The last close before effective_at: what a fraction of a share is paid with, in old shares.$$;
comment on table ledger.splits is $$What a split made of a position, in each matching of the symbol.$$;
comment on column ledger.splits.cash_micros is
    $$Cash in lieu of the fraction of a share, rounded down: against us, long or short.$$;
comment on column ledger.splits.cost_micros is $$Cost basis of that fraction, signed as the position.$$;
comment on table ledger.lot_splits is $$What a split made of each open lot.$$;
comment on column ledger.lots.open_cost_micros is
    $$Cost basis of open_qty, signed as the lot; a share's is open_cost_micros / open_qty, exactly.$$;
comment on column ledger.lots.split_qty is $$Shares that splits have added (minus: taken) so far.$$;
comment on column ledger.lots.split_seq is $$The last split of the lot, null as long as there is none.$$;
comment on column ledger.lot_closes.cost_micros is
    $$The closed part of the lot's cost, rounded towards zero; the rest stays with the lot.$$;
comment on table ledger.portfolios is $$The balances of a run: a copy of its last ledger entry.$$;
comment on column ledger.fills.reverses_seq is
    $$The fill that this row takes back whole: busted or corrected by the broker.$$;
comment on column ledger.fills.corrects_seq is $$The reversed fill in whose place this one stands.$$;
comment on table ledger.lots is
    $$FIFO lots: opened by a fill, closed oldest first. Each matching of a symbol has its own set.$$;
comment on column ledger.lots.match_no is
    $$Which matching of the symbol's fills; a late, busted or corrected fill starts the next one.$$;
comment on column ledger.lots.queue_no is $$Place of the opening fill in its matching.$$;
comment on column ledger.lots.open_qty is
    $$What is left of opened_qty, splits included; same sign or zero.$$;
comment on column ledger.positions.match_no is $$The matching that counts.$$;
comment on table ledger.lot_closes is $$Which fill closed how much of which lot, and the profit.$$;
comment on column ledger.lot_closes.closed_qty is $$Sign of the lot: plus closes long, minus short.$$;
comment on table ledger.positions is $$Net position of a run in a symbol; the sum of its open lots.$$;
comment on table ledger.equity_points is $$Equity of a run at the last known marks; append-only.$$;

commit;
