-- Deploy mqk:oms/orders to pg
-- requires: strat/decisions
-- requires: risk/limits

begin;

set local role mqk_owner;

create table oms.intents (
    run_id       uuid        not null,
    intent_id    uuid        not null,
    strategy_id  text        not null,
    bar_end_at   timestamptz not null,
    symbol       text        not null,
    leg          text        not null,
    leg_no       bigint      not null,
    target_qty   bigint      not null,
    position_qty bigint      not null,
    open_qty     bigint      not null,
    order_qty    bigint      not null,
    created_at   timestamptz not null,

    constraint intents_pkey primary key (run_id, intent_id),
    constraint intents_are_decided_once unique (
        run_id, strategy_id, bar_end_at, symbol, leg, leg_no),
    constraint intents_leg_is_known check (leg in ('TARGET', 'STOP', 'FLATTEN')),
    constraint intents_pursue_a_target_once check (leg <> 'TARGET' or leg_no = 1),
    constraint intents_of_stops_close_the_position check (
        leg = 'TARGET' or order_qty = -position_qty),
    constraint intents_target_fkey foreign key (run_id, strategy_id, bar_end_at, symbol)
        references strat.targets on delete restrict,
    constraint intents_order_the_difference check (leg <> 'TARGET' or
        order_qty = case when sign(target_qty) * sign(position_qty) < 0 then 0 else target_qty end
                    - position_qty - open_qty),
    constraint intents_order_something check (order_qty <> 0)
);

create table oms.order_moves (
    from_status text not null,
    to_status   text not null,

    constraint order_moves_pkey primary key (from_status, to_status)
);

insert into oms.order_moves (from_status, to_status)
values ('NONE', 'NEW'), ('NEW', 'ACCEPTED'), ('NEW', 'PARTIALLY_FILLED'), ('NEW', 'FILLED'),
       ('NEW', 'REJECTED'), ('NEW', 'CANCELED'), ('NEW', 'EXPIRED'), ('NEW', 'DONE_FOR_DAY'),
       ('ACCEPTED', 'PARTIALLY_FILLED'), ('ACCEPTED', 'FILLED'), ('ACCEPTED', 'CANCELED'),
       ('ACCEPTED', 'EXPIRED'), ('ACCEPTED', 'REJECTED'), ('ACCEPTED', 'DONE_FOR_DAY'),
       ('PARTIALLY_FILLED', 'FILLED'), ('PARTIALLY_FILLED', 'CANCELED'),
       ('PARTIALLY_FILLED', 'EXPIRED'), ('PARTIALLY_FILLED', 'REJECTED'),
       ('PARTIALLY_FILLED', 'DONE_FOR_DAY'),
       ('DONE_FOR_DAY', 'ACCEPTED'), ('DONE_FOR_DAY', 'PARTIALLY_FILLED'),
       ('DONE_FOR_DAY', 'FILLED'), ('DONE_FOR_DAY', 'CANCELED'), ('DONE_FOR_DAY', 'EXPIRED'),
       ('DONE_FOR_DAY', 'REJECTED'),
       -- a fill wins over an end that was reported before it
       ('CANCELED', 'FILLED'), ('EXPIRED', 'FILLED'), ('REJECTED', 'FILLED'),
       -- two ends are reported: the order of arrival does not decide
       ('CANCELED', 'REJECTED'), ('CANCELED', 'EXPIRED'), ('EXPIRED', 'REJECTED'),
       -- a fill is taken back, or the order's total grows
       ('PARTIALLY_FILLED', 'ACCEPTED'), ('FILLED', 'CANCELED'), ('FILLED', 'EXPIRED'),
       ('FILLED', 'REJECTED'), ('FILLED', 'PARTIALLY_FILLED'), ('FILLED', 'ACCEPTED'),
       -- the status stays; quantities or the pending request change
       ('NEW', 'NEW'), ('ACCEPTED', 'ACCEPTED'), ('PARTIALLY_FILLED', 'PARTIALLY_FILLED'),
       ('DONE_FOR_DAY', 'DONE_FOR_DAY'), ('FILLED', 'FILLED'), ('CANCELED', 'CANCELED'),
       ('EXPIRED', 'EXPIRED'), ('REJECTED', 'REJECTED');

create table oms.orders (
    run_id             uuid        not null,
    order_id           uuid        not null,
    intent_id          uuid        not null,
    allow_verdict      text        not null generated always as ('ALLOW') stored,
    account_id         text        not null,
    client_order_id    text        not null,
    symbol             text        not null,
    order_qty          bigint      not null,
    order_type         text        not null,
    limit_price_micros bigint,
    stop_price_micros  bigint,
    time_in_force      text        not null,
    order_status       text        not null,
    status_seq         bigint      not null,
    cum_qty            bigint      not null,
    working_qty        bigint      not null,
    gap_qty            bigint      not null,
    pending_op         text        not null,
    leaves_qty         bigint      not null generated always as (
        case when order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')
             then greatest(working_qty - cum_qty, 0) else 0 end) stored,
    may_submit         boolean     not null generated always as (true) stored,
    created_at         timestamptz not null,

    constraint orders_pkey primary key (run_id, order_id),
    constraint orders_are_not_of_a_shadow foreign key (run_id, may_submit)
        references run.runs (run_id, may_submit) on delete restrict,
    constraint orders_are_sent_under_one_name unique (client_order_id),
    constraint orders_serve_an_intent_once unique (run_id, intent_id),
    constraint orders_intent_fkey foreign key (run_id, intent_id)
        references oms.intents on delete restrict,
    constraint orders_were_allowed_as_they_are foreign key (
        run_id, intent_id, allow_verdict, symbol, order_qty)
        references risk.decisions (run_id, intent_id, verdict, symbol, order_qty)
        on delete restrict,
    constraint orders_symbol_is_in_the_universe foreign key (run_id, symbol)
        references run.universe on delete restrict,
    constraint orders_client_order_id_is_ours check (
        client_order_id ~ '^[A-Z][A-Z0-9]{1,7}_[0-9a-f]{32}$'),
    constraint orders_qty_is_not_zero check (order_qty <> 0),
    constraint orders_type_is_known check (order_type in ('MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT')),
    constraint orders_that_stop_have_a_stop check (
        (order_type in ('STOP', 'STOP_LIMIT')) = (stop_price_micros is not null)),
    constraint orders_that_are_limited_have_a_limit check (
        (order_type in ('LIMIT', 'STOP_LIMIT')) = (limit_price_micros is not null)),
    constraint orders_have_positive_prices check (least(limit_price_micros, stop_price_micros) > 0),
    constraint orders_time_in_force_is_known check (time_in_force in ('DAY', 'GTC')),
    constraint orders_that_outlive_the_day_protect check (time_in_force = 'DAY' or order_type = 'STOP'),
    constraint orders_status_is_known check (order_status in (
        'NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY', 'FILLED', 'CANCELED', 'EXPIRED',
        'REJECTED')),
    constraint orders_pending_op_is_known check (pending_op in (
        'NONE', 'CANCEL_REQUESTED', 'CANCEL_PENDING', 'REPLACE_REQUESTED', 'REPLACE_PENDING')),
    constraint orders_wait_for_nothing_once_ended check (
        pending_op = 'NONE' or order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED',
                                                'DONE_FOR_DAY')),
    constraint orders_count_shares_from_zero check (least(cum_qty, working_qty, gap_qty) >= 0),
    constraint orders_fill_as_their_status_says check (
        (order_status <> 'FILLED' or cum_qty >= working_qty)
        and (order_status <> 'PARTIALLY_FILLED' or cum_qty between 1 and working_qty - 1)
        and (order_status not in ('NEW', 'ACCEPTED') or cum_qty = 0))
)
with (fillfactor = 70);

create index orders_run_idx on oms.orders (run_id, may_submit);
create index orders_working_idx on oms.orders (run_id, symbol)
 where order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED');
create unique index one_live_stop_per_position on oms.orders (run_id, symbol)
 where time_in_force = 'GTC'
   and order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY');
create index orders_stops_idx on oms.orders (run_id, symbol, created_at)
 where time_in_force = 'GTC';

create table oms.order_history (
    run_id      uuid        not null,
    order_id    uuid        not null,
    history_seq bigint      not null,
    from_seq    bigint      generated always as (nullif(history_seq, 1) - 1) stored,
    from_status text        not null,
    to_status   text        not null,
    cum_qty     bigint      not null,
    working_qty bigint      not null,
    gap_qty     bigint      not null,
    pending_op  text        not null,
    reason      text        not null,
    moved_at    timestamptz not null,

    constraint order_history_pkey primary key (run_id, order_id, history_seq),
    constraint order_history_state_is_addressable unique (
        run_id, order_id, history_seq, to_status, cum_qty, working_qty, gap_qty, pending_op),
    constraint order_history_from_is_addressable unique (
        run_id, order_id, history_seq, to_status),
    constraint order_history_order_fkey foreign key (run_id, order_id)
        references oms.orders on delete restrict deferrable initially deferred,
    constraint order_history_moves_are_legal foreign key (from_status, to_status)
        references oms.order_moves on delete restrict,
    constraint order_history_follows_itself foreign key (run_id, order_id, from_seq, from_status)
        references oms.order_history (run_id, order_id, history_seq, to_status)
        on delete restrict,
    constraint order_history_begins_at_none check ((history_seq = 1) = (from_status = 'NONE'))
);

alter table oms.orders
    add constraint orders_are_the_last_of_their_history
        foreign key (
        run_id, order_id, status_seq, order_status, cum_qty, working_qty, gap_qty, pending_op)
        references oms.order_history (
        run_id, order_id, history_seq, to_status, cum_qty, working_qty, gap_qty, pending_op)
        on delete restrict deferrable initially deferred;

create index orders_unended_idx on oms.orders (run_id, order_id)
 where order_status not in ('FILLED', 'CANCELED', 'EXPIRED', 'REJECTED');
create index orders_gap_idx on oms.orders (run_id, symbol) where gap_qty > 0;

comment on table oms.intents is
    $$What must be bought or sold to get from position and open orders to the target; append-only.$$;
comment on column oms.intents.open_qty is $$Signed shares still open in working orders.$$;
comment on column oms.intents.order_qty is
    $$Signed shares to order. A flip closes first; the opening leg follows once flat.$$;
create table oms.deferrals (
    run_id      uuid        not null,
    strategy_id text        not null,
    bar_end_at  timestamptz not null,
    symbol      text        not null,
    stop_id     uuid        not null,
    outcome     text        not null,
    deferred_at timestamptz not null,

    constraint deferrals_pkey primary key (run_id, strategy_id, bar_end_at, symbol),
    constraint deferrals_target_fkey foreign key (run_id, strategy_id, bar_end_at, symbol)
        references strat.targets on delete restrict,
    constraint deferrals_stop_fkey foreign key (run_id, stop_id)
        references oms.orders on delete restrict,
    constraint deferrals_outcome_is_known check (outcome in ('WAITING', 'RESUMED', 'DROPPED'))
)
with (fillfactor = 70);

create index deferrals_stop_idx on oms.deferrals (run_id, stop_id);
create index deferrals_waiting_idx on oms.deferrals (run_id, symbol) where outcome = 'WAITING';

create table oms.stop_plans (
    run_id     uuid        not null,
    planned_at timestamptz not null,

    constraint stop_plans_pkey primary key (run_id),
    constraint stop_plans_run_id_fkey foreign key (run_id)
        references run.runs on delete restrict
)
with (fillfactor = 70);

comment on column oms.intents.leg is
    $$TARGET: towards the strategy's target. STOP: a resting stop. FLATTEN: no stop could rest, or all
    positions are closed.$$;
comment on table oms.deferrals is
    $$Targets that wait until the position's resting stop is out of the way.$$;
comment on table oms.stop_plans is $$When the protective stops of a run were last looked after.$$;
comment on table oms.order_moves is $$The legal status moves of an order.$$;
comment on table oms.orders is $$Orders as the broker's events made them; never deleted.$$;
comment on column oms.orders.order_qty is $$Signed whole shares: plus buys, minus sells.$$;
comment on column oms.orders.time_in_force is
    $$GTC: the stop that protects a position. DAY: any other.$$;
comment on column oms.orders.cum_qty is $$Unsigned shares filled, busted ones taken off again.$$;
comment on column oms.orders.working_qty is
    $$Unsigned total of the order as the broker works it now; begins as order_qty.$$;
comment on column oms.orders.gap_qty is
    $$Unsigned shares that the broker has counted as filled and that we have not seen.$$;
comment on column oms.orders.pending_op is
    $$What was asked of the order, apart from its fills: REQUESTED by us, PENDING at the broker.$$;
comment on column oms.orders.may_submit is $$True: a run in SHADOW has no order.$$;
comment on column oms.orders.leaves_qty is $$Unsigned shares that may still fill.$$;
comment on column oms.orders.allow_verdict is
    $$Constant; ties the order to an ALLOW verdict for exactly this symbol and quantity.$$;
comment on table oms.order_history is $$Every status move of an order; append-only.$$;

commit;
