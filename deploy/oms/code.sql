-- Deploy mqk:oms/code to pg
-- built from sql/oms by `make code`: edit there

begin;

set local role mqk_owner;

do $guard$
begin
    if to_regclass('run.runs') is not null then
        lock table run.runs in share mode;  -- nobody arms meanwhile
        if exists (select from run.runs as r where r.run_status in ('ARMED', 'RUNNING')) then
            raise sqlstate 'MQS19' using
                message = 'code is not changed under a run that is armed or running',
                hint = 'Stop the runs first: mqk run stop. Then deploy, and arm anew.';
        end if;
    end if;
end;
$guard$;

create or replace function oms.assert_order(
    p_client_order_id text
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        exists (select from oms.orders as o join run.runs as r using (run_id)
                 where o.client_order_id = p_client_order_id),
        'MQN09', p_client_order_id);
end;
$function$;

comment on function oms.assert_order(text) is
$$Refuses a name that no order of the engines of the login has.
Raises: MQN09.$$;

create or replace function oms.derive_intent_id(
    p_run_id      uuid,
    p_strategy_id text,
    p_bar_end_at  timestamptz,
    p_symbol      text
)
returns uuid
language sql
immutable
parallel safe
return core.derive_id('intent', array[
    p_run_id::text, p_strategy_id, core.format_iso(p_bar_end_at), p_symbol]);

comment on function oms.derive_intent_id(uuid, text, timestamptz, text) is
$$The id of what a strategy wants of a symbol on a bar: the same however often it is asked.$$;

create or replace function oms.derive_client_order_id(
    p_engine_id text,
    p_intent_id uuid
)
returns text
language sql
immutable
strict
parallel safe
return p_engine_id || '_' || replace(p_intent_id::text, '-', '');

comment on function oms.derive_client_order_id(text, uuid) is
$$The name under which an order is sent: engine prefix and the intent's id, at most 41 characters.
Why: decided once, never per attempt, so a broker can recognise a repeat.$$;

create or replace function oms.list_said(
    p_order   oms.orders,
    p_message oms.inbox
)
returns setof oms.inbox
language sql
stable
begin atomic
    select i.*
      from oms.inbox as i
     where i.run_id = p_order.run_id and i.order_id = p_order.order_id
       and i.disposition in ('APPLIED', 'STALE', 'NOTED')
     union all
    select p_message.* where p_message.broker_message_id is not null;
end;

comment on function oms.list_said(oms.orders, oms.inbox) is
$$All that the broker has said of an order and that we believe, the message at hand included.$$;

create or replace function oms.list_versions(
    p_order   oms.orders,
    p_message oms.inbox
)
returns table (
    broker_order_id text,
    total_qty       bigint,
    booked_qty      bigint,
    gap_qty         bigint,
    end_status      text,
    is_live         boolean
)
language sql
stable
begin atomic
    with said as (
        select s.* from oms.list_said(p_order, p_message) as s
    ), versions as (
        select s.broker_order_id,
               (array_agg(s.total_qty order by s.event_at desc nulls last,
                          s.broker_message_id collate "C" desc)
                filter (where s.total_qty is not null))[1] as total_qty,
               coalesce(sum(s.event_qty) filter (where s.fill_seq is not null), 0)::bigint
                   as booked_qty,
               coalesce(max(s.cum_qty), 0) as seen_qty,
               max(s.replaces_id) as replaces_id,
               max(s.replaced_by_id) as replaced_by_id,
               case when bool_or(s.event_kind = 'rejected') then 'REJECTED'
                    when bool_or(s.event_kind = 'expired') then 'EXPIRED'
                    when bool_or(s.event_kind = 'canceled') then 'CANCELED' end as end_status
          from said as s
         group by s.broker_order_id
    ), valid as (
        select v.* from versions as v
         where v.replaces_id is null or v.end_status is distinct from 'REJECTED'
    )
    select v.broker_order_id, coalesce(v.total_qty, abs(p_order.order_qty)), v.booked_qty,
           greatest(v.seen_qty - v.booked_qty, 0), v.end_status,
           not exists (select from valid as n
                        where n.replaces_id = v.broker_order_id
                           or n.broker_order_id = v.replaced_by_id)
      from valid as v;
end;

comment on function oms.list_versions(oms.orders, oms.inbox) is
$$The orders at the broker that one order of ours has been, quantities unsigned: total, shares booked,
shares the broker counts and we have not seen, how it ended. Live: not replaced by another one.
Why: a replace ends one broker order and begins the next, which counts its fills from zero. A successor
that was rejected never was one.$$;

create or replace function oms.list_asked(
    p_order   oms.orders,
    p_message oms.inbox,
    out cum_qty         bigint,
    out is_recounted    boolean,
    out is_done_for_day boolean,
    out pending_op      text,
    out local_end       text
)
returns setof record
language sql
stable
begin atomic
    with said as (
        select s.*, coalesce(s.execution_id, s.event_at::text) as occasion
          from oms.list_said(p_order, p_message) as s
    ), counted as (
        select bool_or(s.previous_id is not null) as is_recounted,
               max(s.event_at) filter (where s.event_kind = 'done_for_day')
               > coalesce(max(s.event_at) filter (where s.event_kind = 'new'), '-infinity')
                   as is_done_for_day,
               count(distinct s.occasion) filter (where s.event_kind = 'pending_cancel')
               > count(distinct s.occasion) filter (where s.event_kind = 'order_cancel_rejected')
                   as is_cancel_pending,
               count(distinct s.occasion) filter (where s.event_kind = 'pending_replace')
               > count(distinct s.occasion) filter (
                     where s.event_kind in ('replaced', 'order_replace_rejected'))
                   as is_replace_pending
          from said as s
    ), asked as (
        select bool_or(b.request_kind = 'CANCEL' and b.outbox_status not in ('FAILED', 'ACKED'))
                   as is_cancel_asked,
               bool_or(b.request_kind = 'REPLACE' and b.outbox_status not in ('FAILED', 'ACKED'))
                   as is_replace_asked,
               bool_or(b.request_kind = 'SUBMIT' and b.outbox_status = 'FAILED') as is_failed
          from oms.outbox as b
         where b.run_id = p_order.run_id and b.order_id = p_order.order_id
    )
    select (select coalesce(sum(abs(f.fill_qty)), 0)::bigint
              from ledger.standing_fills as f
             where f.run_id = p_order.run_id and f.client_order_id = p_order.client_order_id),
           coalesce(c.is_recounted, false), coalesce(c.is_done_for_day, false),
           case when c.is_cancel_pending then 'CANCEL_PENDING'
                when a.is_cancel_asked then 'CANCEL_REQUESTED'
                when c.is_replace_pending then 'REPLACE_PENDING'
                when a.is_replace_asked then 'REPLACE_REQUESTED'
                else 'NONE' end,
           case when a.is_failed then p_order.order_status end
      from counted as c cross join asked as a;
end;

comment on function oms.list_asked(oms.orders, oms.inbox) is
$$What is booked of an order, whether a fill of it was ever taken back, whether it is done for the day,
what was asked of it and is not answered, and how it ended if the broker never took it.
Why: each request has one answer, so counting both sides needs no clock.$$;

create or replace function oms.fold_order(
    p_order   oms.orders,
    p_message oms.inbox
)
returns oms.orders
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_state oms.orders := p_order;
    v_asked record;
    v_is    record;
begin
    select coalesce(sum(v.total_qty) filter (where v.is_live)
                    + coalesce(sum(v.booked_qty) filter (where not v.is_live), 0),
                    max(v.total_qty), abs(p_order.order_qty))::bigint as working_qty,
           coalesce(sum(v.gap_qty), 0)::bigint as gap_qty,
           coalesce(sum(v.booked_qty), 0)::bigint as gross_qty,
           case when bool_and(v.end_status is not null) filter (where v.is_live)
                then max(v.end_status) filter (where v.is_live) end as end_status,
           count(*) > 0 as is_known
      into v_is
      from oms.list_versions(p_order, p_message) as v;
    select a.* into v_asked from oms.list_asked(p_order, p_message) as a;
    v_state.working_qty := v_is.working_qty;
    v_state.cum_qty := v_asked.cum_qty;
    v_state.gap_qty := case when v_asked.is_recounted then 0 else v_is.gap_qty end;
    v_state.order_status := case
        when v_state.cum_qty >= v_state.working_qty and v_state.cum_qty > 0 then 'FILLED'
        when v_asked.local_end is not null then v_asked.local_end
        when v_is.end_status is not null then v_is.end_status
        when v_is.gross_qty >= v_state.working_qty and v_is.gross_qty > 0 then 'CANCELED'
        when v_asked.is_done_for_day then 'DONE_FOR_DAY'
        when v_state.cum_qty > 0 then 'PARTIALLY_FILLED'
        when v_is.is_known then 'ACCEPTED'
        else 'NEW' end;
    v_state.pending_op := case
        when v_state.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY')
        then v_asked.pending_op else 'NONE' end;
    return v_state;
end;
$function$;

comment on function oms.fold_order(oms.orders, oms.inbox) is
$$The state of an order as all that the broker said of it makes it, the message at hand included.
Why: a function of the set of messages, not of their order: late, early, repeated and overtaking
messages end in the same state. A fill wins over any end; quantities count from the books.$$;

create or replace function oms.move_order(
    p_state  oms.orders,
    p_reason text,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order oms.orders;
begin
    update oms.orders as o
       set order_status = p_state.order_status, cum_qty = p_state.cum_qty,
           working_qty = p_state.working_qty, gap_qty = p_state.gap_qty,
           pending_op = p_state.pending_op, status_seq = o.status_seq + 1
     where o.run_id = p_state.run_id and o.order_id = p_state.order_id
    returning o.* into strict v_order;
    insert into oms.order_history (
        run_id, order_id, history_seq, from_status, to_status, cum_qty, working_qty, gap_qty,
        pending_op, reason, moved_at)
    select v_order.run_id, v_order.order_id, v_order.status_seq, h.to_status, v_order.order_status,
           v_order.cum_qty, v_order.working_qty, v_order.gap_qty, v_order.pending_op,
           left(p_reason, 300), greatest(h.moved_at, p_now_at)
      from oms.order_history as h
     where h.run_id = v_order.run_id and h.order_id = v_order.order_id
       and h.history_seq = v_order.status_seq - 1;
    perform audit.append_event(
        v_order.run_id, 'OMS', 'ORDER_' || v_order.order_status,
        jsonb_build_object(
            'client_order_id', v_order.client_order_id, 'cum_qty', v_order.cum_qty,
            'working_qty', v_order.working_qty, 'gap_qty', v_order.gap_qty,
            'pending_op', v_order.pending_op, 'reason', left(p_reason, 300)), p_now_at);
end;
$function$;

comment on function oms.move_order(oms.orders, text, timestamptz) is
$$Moves an order to the status, quantities and pending request of p_state, with history and diary.
Why: the one writer of an order's state; a move that is not legal fails on its foreign key.
Raises: 23503 not a legal move; 23514 status and quantities disagree.$$;

create or replace function oms.move_outbox(
    p_run_id      uuid,
    p_outbox_id   bigint,
    p_to_status   text,
    p_worker_name text,
    p_reason      text,
    p_now_at      timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_seq   bigint;
    v_taken boolean := p_to_status in ('CLAIMED', 'DISPATCHING');
begin
    update oms.outbox as o
       set outbox_status = p_to_status,
           status_seq = o.status_seq + 1,
           claimed_by = case when v_taken then p_worker_name end,
           claimed_at = case when v_taken then coalesce(o.claimed_at, p_now_at) end
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id
    returning o.status_seq into strict v_seq;
    insert into oms.outbox_history (
        run_id, outbox_id, history_seq, from_status, to_status, actor, reason, moved_at)
    select p_run_id, p_outbox_id, v_seq, h.to_status, p_to_status, audit.get_actor(), p_reason,
           greatest(h.moved_at, p_now_at)
      from oms.outbox_history as h
     where h.run_id = p_run_id and h.outbox_id = p_outbox_id and h.history_seq = v_seq - 1;
    perform audit.append_event(
        p_run_id, 'OMS', 'OUTBOX_' || p_to_status,
        jsonb_build_object('outbox_id', p_outbox_id, 'worker', p_worker_name, 'reason', p_reason),
        p_now_at);
    return v_seq;
end;
$function$;

comment on function oms.move_outbox(uuid, bigint, text, text, text, timestamptz) is
$$Moves an outbox row's status, with history and diary; gives the new history_seq.
Why: the one writer of outbox_status; a move that is not legal fails on its foreign key.
Raises: 23503 not a legal move.$$;

create or replace function oms.settle_order(
    p_order   oms.orders,
    p_message oms.inbox,
    p_reason  text,
    p_now_at  timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_state oms.orders := oms.fold_order(p_order, p_message);
    v_moved boolean := (v_state.order_status, v_state.cum_qty, v_state.working_qty, v_state.gap_qty,
                        v_state.pending_op)
                       <> (p_order.order_status, p_order.cum_qty, p_order.working_qty,
                           p_order.gap_qty, p_order.pending_op);
begin
    if v_moved then
        perform oms.move_order(v_state, p_reason, p_now_at);
    end if;
    if v_state.order_status = 'REJECTED' and p_order.order_status <> 'REJECTED' then
        perform risk.record_reject(p_order.run_id, p_order.order_id::text, p_now_at);
    end if;
    if v_state.cum_qty > v_state.working_qty and v_moved then
        perform run.halt_run(
            p_order.run_id, 'DESYNC',
            format('OVERFILL: %s of %s', v_state.cum_qty, v_state.client_order_id),
            to_jsonb(v_state), p_now_at);
    elsif v_state.working_qty > abs(v_state.order_qty) and v_moved then
        perform run.halt_run(
            p_order.run_id, 'DESYNC',
            format('UNASKED_GROWTH: %s works %s', v_state.client_order_id, v_state.working_qty),
            to_jsonb(v_state), p_now_at);
    end if;
    return v_moved;
end;
$function$;

comment on function oms.settle_order(oms.orders, oms.inbox, text, timestamptz) is
$$Moves an order to the state that its messages make; false when it is there already. An order filled
beyond its total, or grown beyond what risk allowed, halts the run.$$;

create or replace function oms.enqueue_request(
    p_run_id       uuid,
    p_order_id     uuid,
    p_request_kind text,
    p_stop_micros  bigint,
    p_reason       text,
    p_expires_at   timestamptz,
    p_now_at       timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_outbox_id bigint;
begin
    insert into oms.outbox (
        run_id, order_id, request_kind, lane, outbox_status, status_seq, stop_price_micros, expires_at,
        enqueued_at)
    select r.run_id, p_order_id, p_request_kind,
           case when r.run_status = 'HALTED' and p_request_kind = 'SUBMIT' then 'REDUCING' else 'GATED' end,
           'PENDING', 1, p_stop_micros, p_expires_at, p_now_at
      from run.runs as r
     where r.run_id = p_run_id
    returning outbox_id into v_outbox_id;
    insert into oms.outbox_history (
        run_id, outbox_id, history_seq, from_status, to_status, actor, reason, moved_at)
    values (p_run_id, v_outbox_id, 1, 'NONE', 'PENDING', audit.get_actor(), left(p_reason, 300), p_now_at);
    return v_outbox_id;
end;
$function$;

comment on function oms.enqueue_request(uuid, uuid, text, bigint, text, timestamptz, timestamptz) is
$$Puts a request of an order (SUBMIT, CANCEL, REPLACE with its stop price in micros) into the outbox;
gives its outbox_id.
Why: what is planned while a run is halted can leave by the reducing lane only, even later.
Raises: 23505 the order was submitted before, or a change of it is under way.$$;

create or replace function oms.enqueue_order(
    p_intent      oms.intents,
    p_stop_micros bigint,
    p_expires_at  timestamptz,
    p_now_at      timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run       run.runs;
    v_order_id  uuid := core.derive_id('order', array[p_intent.run_id::text, p_intent.intent_id::text]);
    v_name      text;
    v_outbox_id bigint;
    v_target    strat.targets;
    v_stop      bigint;
begin
    select r.* into strict v_run from run.runs as r where r.run_id = p_intent.run_id;
    select t.* into v_target from strat.targets as t
     where t.run_id = p_intent.run_id and t.strategy_id = p_intent.strategy_id
       and t.bar_end_at = p_intent.bar_end_at and t.symbol = p_intent.symbol
       and p_intent.leg = 'TARGET';
    v_stop := coalesce(p_stop_micros, v_target.stop_price_micros);
    v_name := oms.derive_client_order_id(v_run.engine_id, p_intent.intent_id);
    insert into oms.orders (
        run_id, order_id, intent_id, account_id, client_order_id, symbol, order_qty, order_type,
        limit_price_micros, stop_price_micros, time_in_force, order_status, status_seq, cum_qty,
        working_qty, gap_qty, pending_op, created_at)
    values (p_intent.run_id, v_order_id, p_intent.intent_id, v_run.account_id, v_name,
            p_intent.symbol, p_intent.order_qty,
            case when p_stop_micros is null then coalesce(v_target.order_type, 'MARKET') else 'STOP' end,
            v_target.limit_price_micros, v_stop,
            case when p_stop_micros is null then 'DAY' else 'GTC' end, 'NEW', 1, 0,
            abs(p_intent.order_qty), 0, 'NONE', p_now_at);
    insert into oms.order_history (
        run_id, order_id, history_seq, from_status, to_status, cum_qty, working_qty, gap_qty,
        pending_op, reason, moved_at)
    values (p_intent.run_id, v_order_id, 1, 'NONE', 'NEW', 0, abs(p_intent.order_qty), 0, 'NONE',
            'enqueued', p_now_at);
    v_outbox_id := oms.enqueue_request(
        p_intent.run_id, v_order_id, 'SUBMIT', null, 'enqueued', p_expires_at, p_now_at);
    perform audit.append_event(
        p_intent.run_id, 'OMS', 'ORDER_ENQUEUED',
        jsonb_build_object('intent_id', p_intent.intent_id, 'outbox_id', v_outbox_id,
                           'client_order_id', v_name, 'symbol', p_intent.symbol,
                           'order_qty', p_intent.order_qty, 'leg', p_intent.leg,
                           'stop_price_micros', v_stop, 'expires_at', core.format_iso(p_expires_at))
        || case when v_target.order_type <> 'MARKET' then jsonb_build_object(
               'order_type', v_target.order_type, 'limit_price_micros', v_target.limit_price_micros)
           else '{}' end, p_now_at);
    return v_name;
end;
$function$;

comment on function oms.enqueue_order(oms.intents, bigint, timestamptz, timestamptz) is
$$Turns an allowed intent into a DAY order of the type and at the prices that its target asks for, at the
market to flatten, or into a stop GTC order at p_stop_micros, with its outbox row; gives its
client_order_id.
Raises: 23503 there is no ALLOW verdict for it; 23505 it was enqueued before.$$;

create or replace function oms.fail_order(
    p_row          oms.outbox,
    p_order_status text,
    p_reason       text,
    p_now_at       timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_state oms.orders;
begin
    perform oms.move_outbox(p_row.run_id, p_row.outbox_id, 'FAILED', null, p_reason, p_now_at);
    select o.* into strict v_state from oms.orders as o
     where o.run_id = p_row.run_id and o.order_id = p_row.order_id for update;
    if p_row.request_kind = 'SUBMIT' then
        perform oms.move_outbox(b.run_id, b.outbox_id, 'FAILED', null, 'its order ended', p_now_at)
           from oms.outbox as b
          where b.run_id = p_row.run_id and b.order_id = p_row.order_id
            and b.request_kind <> 'SUBMIT' and b.outbox_status = 'PENDING';
        v_state.order_status := p_order_status;
        v_state.pending_op := 'NONE';
        perform oms.move_order(v_state, p_reason, p_now_at);
    else
        perform oms.settle_order(v_state, null, p_reason, p_now_at);
    end if;
end;
$function$;

comment on function oms.fail_order(oms.outbox, text, text, timestamptz) is
$$Ends a request that the broker did not take: outbox FAILED. A submit's order ends with it, REJECTED
or EXPIRED, and a change of it that still waits; a cancel's order is no longer waiting for it.$$;

create or replace function oms.release_order(
    p_run_id    uuid,
    p_outbox_id bigint,
    p_reason    text,
    p_now_at    timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row oms.outbox;
begin
    perform oms.move_outbox(p_run_id, p_outbox_id, 'PENDING', null, p_reason, p_now_at);
    select s.* into v_row from oms.outbox as s
     where s.run_id = p_run_id and s.outbox_id = p_outbox_id and s.request_kind = 'SUBMIT'
       and exists (select from oms.outbox as c
                    where c.run_id = s.run_id and c.order_id = s.order_id
                      and c.request_kind = 'CANCEL' and c.outbox_status = 'PENDING');
    if found then
        perform oms.fail_order(v_row, 'CANCELED', 'it was cancelled while in doubt', p_now_at);
    end if;
end;
$function$;

comment on function oms.release_order(uuid, bigint, text, timestamptz) is
$$Gives back a request that the broker certainly does not have: it is PENDING again. An order whose cancel
was asked for meanwhile ends here instead, and its cancel with it.
Why: what a person has cancelled must not be sent again, and a cancel of nothing must not wait for ever.$$;

create or replace function oms.get_open_qty(
    p_run_id uuid,
    p_symbol text
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(sum(sign(o.order_qty)::bigint * o.leaves_qty), 0)::bigint
      from oms.orders as o
     where o.run_id = p_run_id
       and o.symbol = p_symbol
       and o.time_in_force = 'DAY'
       and o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED');
$function$;

comment on function oms.get_open_qty(uuid, text) is
$$Signed shares still open in working orders of a symbol; orders not yet sent count too,
stops that protect a position do not.$$;

create or replace function oms.cancel_order(
    p_order  oms.orders,
    p_reason text,
    p_now_at timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_submit oms.outbox;
    v_id     bigint;
begin
    select b.* into strict v_submit from oms.outbox as b
     where b.run_id = p_order.run_id and b.order_id = p_order.order_id and b.request_kind = 'SUBMIT'
       for update;
    if p_order.order_status not in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY') then
        return 'ENDED';
    elsif v_submit.outbox_status in ('PENDING', 'CLAIMED') then
        perform oms.fail_order(v_submit, 'CANCELED', p_reason, p_now_at);
        return 'NEVER_SENT';
    end if;
    perform oms.move_outbox(b.run_id, b.outbox_id, 'FAILED', null, 'a cancel goes before it', p_now_at)
       from oms.outbox as b
      where b.run_id = p_order.run_id and b.order_id = p_order.order_id
        and b.request_kind = 'REPLACE' and b.outbox_status in ('PENDING', 'CLAIMED');
    if exists (
        select from oms.outbox as b
         where b.run_id = p_order.run_id and b.order_id = p_order.order_id
           and b.request_kind <> 'SUBMIT' and b.outbox_status not in ('ACKED', 'FAILED'))
    then
        return 'UNDER_WAY';
    end if;
    v_id := oms.enqueue_request(
        p_order.run_id, p_order.order_id, 'CANCEL', null, p_reason, p_now_at + interval '1 day',
        p_now_at);
    perform audit.append_event(
        p_order.run_id, 'OMS', 'CANCEL_ENQUEUED',
        jsonb_build_object('outbox_id', v_id, 'client_order_id', p_order.client_order_id,
                           'reason', p_reason), p_now_at);
    perform oms.settle_order(p_order, null, left('cancel requested: ' || p_reason, 300), p_now_at);
    return 'REQUESTED';
end;
$function$;

comment on function oms.cancel_order(oms.orders, text, timestamptz) is
$$Asks for the end of one of our orders: NEVER_SENT (it ends here), REQUESTED (a cancel goes out),
UNDER_WAY or ENDED (nothing to do). Done is only what the broker's events say.
Why: only an order of ours can be named, and only by our own row for it.$$;

create or replace function oms.cancel_orders(
    p_run_id          uuid,
    p_client_order_id text,
    p_reason          text,
    p_now_at          timestamptz
)
returns table (
    client_order_id text,
    outcome         text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order oms.orders;
begin
    perform oms.assert_order(p_client_order_id) where p_client_order_id is not null;
    perform run.lock_run(p_run_id, true, p_now_at);
    for v_order in
        select o.* from oms.orders as o
         where o.run_id = p_run_id
           and o.client_order_id = coalesce(p_client_order_id, o.client_order_id)
           and (p_client_order_id is not null
                or o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY'))
         order by o.client_order_id collate "C"
           for update
    loop
        client_order_id := v_order.client_order_id;
        outcome := oms.cancel_order(v_order, p_reason, p_now_at);
        return next;
    end loop;
    perform pg_notify('mqk_outbox', p_run_id::text);
end;
$function$;

comment on function oms.cancel_orders(uuid, text, text, timestamptz) is
$$Asks for the end of the named order of a run, or of all that are open; gives what became of each.
Raises: MQN09 no such order.$$;

create or replace function oms.tell_target(
    p_wait   oms.deferrals,
    p_now_at timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select audit.append_event(
        p_wait.run_id, 'OMS', 'TARGET_' || p_wait.outcome,
        jsonb_build_object(
            'strategy_id', p_wait.strategy_id, 'symbol', p_wait.symbol,
            'bar_end_at', core.format_iso(p_wait.bar_end_at)), p_now_at);
$function$;

comment on function oms.tell_target(oms.deferrals, timestamptz) is
$$Tells the diary what became of a target that waited: TARGET_RESUMED or TARGET_DROPPED.$$;

create or replace function oms.drop_targets(
    p_run_id uuid,
    p_symbol text,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_wait oms.deferrals;
begin
    for v_wait in
        update oms.deferrals as d set outcome = 'DROPPED'
         where d.run_id = p_run_id and d.outcome = 'WAITING' and d.symbol = coalesce(p_symbol, d.symbol)
        returning d.*
    loop
        perform oms.tell_target(v_wait, p_now_at);
    end loop;
end;
$function$;

comment on function oms.drop_targets(uuid, text, timestamptz) is
$$Drops the targets that wait for a stop to make way, of a symbol or, null, of all: what was wished before
everything of it is cancelled is not taken up afterwards.$$;

create or replace function oms.clear_symbol(
    p_run_id uuid,
    p_symbol text,
    p_reason text,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order oms.orders;
begin
    for v_order in
        select o.* from oms.orders as o
         where o.run_id = p_run_id and o.symbol = p_symbol
           and o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY')
         order by o.order_id
           for update
    loop
        perform oms.cancel_order(v_order, p_reason, p_now_at);
    end loop;
    perform oms.drop_targets(p_run_id, p_symbol, p_now_at);
end;
$function$;

comment on function oms.clear_symbol(uuid, text, text, timestamptz) is
$$Cancels every open order of a symbol, stops too, and drops the targets that wait: what was not sent ends
here, what the broker has is asked to end.$$;

create or replace function oms.apply_actions(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    symbol      text,
    action_kind text,
    terms       text,
    held_qty    bigint,
    now_qty     bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_now_at timestamptz;
    v_action md.corporate_actions;
begin
    perform run.lock_run(p_run_id, true, p_now_at);
    v_now_at := run.clamp_now(p_run_id, p_now_at);
    for v_action in
        select a.* from ledger.list_due_actions(p_run_id, v_now_at) as a
    loop
        perform oms.clear_symbol(p_run_id, v_action.symbol, 'the shares are split', v_now_at)
          where v_action.action_kind = 'SPLIT';
        symbol := v_action.symbol;
        action_kind := v_action.action_kind;
        terms := md.format_terms(v_action);
        held_qty := (ledger.apply_action(p_run_id, v_action, v_now_at)).held_qty;
        now_qty := ledger.get_position_qty(p_run_id, v_action.symbol);
        return next;
    end loop;
    perform ledger.pay_dividends(p_run_id, v_now_at);
    perform pg_notify('mqk_outbox', p_run_id::text) where symbol is not null;
end;
$function$;

comment on function oms.apply_actions(uuid, timestamptz) is
$$Takes over into a run's books, once each, the corporate actions that have taken effect, whatever the run's
status, and books dividends whose day has come; a row an action. The orders of a split symbol are cancelled
first: they were made for other shares. A stop is planned again by oms.plan_stops.
Why: between the split and this nothing of the symbol is decided, sent or judged.
Raises: MQN02; MQA03; 23502 a fraction of a share is left and no price for it is known.$$;

create or replace function oms.find_action_defect(
    p_run_id uuid,
    p_symbol text,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select format('a corporate action is due: %s %s', a.symbol, md.format_terms(a))
      from ledger.list_due_actions(p_run_id, p_now_at) as a
     where a.symbol = coalesce(p_symbol, a.symbol)
     limit 1;
$function$;

comment on function oms.find_action_defect(uuid, text, timestamptz) is
$$The corporate action of a symbol (null: of any of the run's) that has taken effect and that the books have
not taken over, in words, or null.
Why: until it is applied, shares, prices and orders are of two kinds.$$;

create or replace function oms.get_stop(
    p_run_id uuid,
    p_symbol text
)
returns oms.orders
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select o.*
      from oms.orders as o
     where o.run_id = p_run_id and o.symbol = p_symbol and o.time_in_force = 'GTC'
       and o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY');
$function$;

comment on function oms.get_stop(uuid, text) is
$$The live protective stop of a position, or null. There is never a second one.$$;

create or replace function oms.record_wait(
    p_target strat.targets,
    p_order  oms.orders,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    insert into oms.deferrals (
        run_id, strategy_id, bar_end_at, symbol, stop_id, outcome, deferred_at)
    values (p_target.run_id, p_target.strategy_id, p_target.bar_end_at, p_target.symbol,
            p_order.order_id, 'WAITING', p_now_at)
    on conflict (run_id, strategy_id, bar_end_at, symbol) do nothing;
    if found then
        perform audit.append_event(
            p_target.run_id, 'OMS', 'TARGET_WAITING',
            jsonb_build_object(
                'strategy_id', p_target.strategy_id, 'symbol', p_target.symbol,
                'bar_end_at', core.format_iso(p_target.bar_end_at),
                'stop', p_order.client_order_id), p_now_at);
    end if;
end;
$function$;

comment on function oms.record_wait(strat.targets, oms.orders, timestamptz) is
$$Keeps a target waiting until an order has ended, and tells the diary, once.$$;

create or replace function oms.is_in_the_way(
    p_order  oms.orders,
    p_target strat.targets
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select (p_order).order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')
           and (p_order).run_id = (p_target).run_id
           and (p_order).symbol = (p_target).symbol
           and ((p_order).order_type, (p_order).limit_price_micros, (p_order).stop_price_micros)
               is distinct from
               ((p_target).order_type, (p_target).limit_price_micros, (p_target).stop_price_micros)
           and exists (select from oms.intents as i
                        where i.run_id = (p_order).run_id and i.intent_id = (p_order).intent_id
                          and i.leg = 'TARGET');
$function$;

comment on function oms.is_in_the_way(oms.orders, strat.targets) is
$$Whether an order works towards a target of before in other terms: another type, or other prices.
Why: the newest target says how the way to it is traded.$$;

create or replace function oms.make_room(
    p_target strat.targets,
    p_now_at timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order oms.orders;
    v_found boolean := false;
begin
    for v_order in
        select o.* from oms.orders as o
         where o.run_id = p_target.run_id and o.symbol = p_target.symbol
           and o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')
           and oms.is_in_the_way(o, p_target)
         order by o.client_order_id collate "C"
    loop
        v_found := true;
        perform oms.cancel_order(v_order, 'a new target has other terms', p_now_at);
        perform oms.record_wait(p_target, v_order, p_now_at);
    end loop;
    return v_found;
end;
$function$;

comment on function oms.make_room(strat.targets, timestamptz) is
$$Cancels what still works in other terms than a new target asks for, and keeps the target waiting until
all of it has ended; false when there is nothing of that kind.$$;

create or replace function oms.make_way(
    p_target strat.targets,
    p_now_at timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_stop oms.orders := oms.get_stop(p_target.run_id, p_target.symbol);
begin
    if v_stop.order_id is null
       or p_target.order_type <> 'MARKET'
          and ledger.get_position_qty(p_target.run_id, p_target.symbol) <> 0
    then
        return false;
    end if;
    perform oms.cancel_order(v_stop, 'a new target needs the way', p_now_at);
    perform oms.record_wait(p_target, v_stop, p_now_at);
    return true;
end;
$function$;

comment on function oms.make_way(strat.targets, timestamptz) is
$$Cancels the resting stop that stands against a new order of its symbol and keeps the target waiting;
false when nothing rests, and for an order with prices while a position is held: risk denies it.
Why: a broker refuses an order against a resting one, and shares that a stop holds cannot be sold.$$;

create or replace function oms.get_expiry(
    p_symbol text,
    p_now_at timestamptz
)
returns timestamptz
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select s.closes_at
      from ref.instruments as i
      cross join lateral ref.get_next_session(i.exchange_id, p_now_at) as s
     where i.symbol = p_symbol;
$function$;

comment on function oms.get_expiry(text, timestamptz) is
$$Until when an order given at p_now_at may leave the house: the close of the next session.$$;

create or replace function oms.is_unfinished(
    p_order oms.orders
)
returns boolean
language sql
immutable
parallel safe
return (p_order).order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')
       or (p_order).order_status = 'DONE_FOR_DAY' and (p_order).time_in_force = 'GTC';

comment on function oms.is_unfinished(oms.orders) is
$$True while an order may still fill: it works, waits to be sent, or rests until the next session.$$;

create or replace function oms.list_open_shares(
    p_run_id    uuid,
    p_except_id uuid
)
returns table (
    symbol   text,
    buy_qty  bigint,
    sell_qty bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select o.symbol,
           sum(case when o.order_qty > 0 then l.left_qty else 0 end)::bigint,
           sum(case when o.order_qty < 0 then l.left_qty else 0 end)::bigint
      from oms.orders as o
     cross join lateral (select greatest(o.working_qty - o.cum_qty, 0) as left_qty) as l
     where o.run_id = p_run_id
       and o.order_status not in ('FILLED', 'CANCELED', 'EXPIRED', 'REJECTED')
       and oms.is_unfinished(o)
       and o.order_id is distinct from p_except_id
     group by o.symbol;
$function$;

comment on function oms.list_open_shares(uuid, uuid) is
$$Unsigned shares that the unfinished orders of a run may still buy and sell, by symbol: stops and orders
not yet sent included, the order p_except_id left out.$$;

create or replace function oms.get_open_shares(
    p_run_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(jsonb_object_agg(
               s.symbol, jsonb_build_object('buy', s.buy_qty, 'sell', s.sell_qty)), '{}')
      from oms.list_open_shares(p_run_id, null) as s;
$function$;

comment on function oms.get_open_shares(uuid) is
$$oms.list_open_shares as {symbol: {buy, sell}}, for risk, which may not look up here.$$;

create or replace function oms.count_messages(
    p_run_id uuid,
    p_now_at timestamptz
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select count(*)
      from risk.limits as l
      join oms.outbox as b using (run_id)
     where l.run_id = p_run_id
       and b.enqueued_at > p_now_at - l.message_window_ms * interval '1 ms';
$function$;

comment on function oms.count_messages(uuid, timestamptz) is
$$Requests to the broker (submits, cancels, replaces) that a run made within its message window.$$;

create or replace function oms.get_terms(
    p_target strat.targets
)
returns risk.order_terms
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select row(
        (p_target).limit_price_micros, (p_target).stop_price_micros, exists (
            select from strat.assignments as a
             where a.run_id = (p_target).run_id and a.stop_bps > 0))::risk.order_terms;
$function$;

comment on function oms.get_terms(strat.targets) is
$$What risk must know of the order that a target asks for: its prices, and whether the strategy asks for a
protective stop.$$;

create or replace function oms.plan_symbol(
    p_target strat.targets,
    p_now_at timestamptz
)
returns table (
    symbol          text,
    target_qty      bigint,
    order_qty       bigint,
    verdict         text,
    rule            text,
    client_order_id text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_held     bigint := ledger.get_position_qty(p_target.run_id, p_target.symbol);
    v_open     bigint := oms.get_open_qty(p_target.run_id, p_target.symbol);
    v_wanted   bigint := case when sign(p_target.target_qty) * sign(v_held) < 0 then -v_held
                              else p_target.target_qty - v_held end;
    v_delta    bigint := v_wanted - v_open;
    v_intent   oms.intents;
    v_decision risk.decisions;
begin
    if sign(v_delta) * sign(v_open) < 0 and sign(v_wanted) <> sign(v_open) then
        perform oms.cancel_order(o, 'a new target is against it', p_now_at)
           from oms.orders as o
          where o.run_id = p_target.run_id and o.symbol = p_target.symbol
            and o.time_in_force = 'DAY' and o.leaves_qty > 0;
        return;
    elsif oms.make_room(p_target, p_now_at) or v_delta = 0 or sign(v_delta) * sign(v_open) < 0
          or oms.make_way(p_target, p_now_at)
    then
        return;
    end if;
    insert into oms.intents (
        run_id, intent_id, strategy_id, bar_end_at, symbol, leg, leg_no, target_qty, position_qty,
        open_qty, order_qty, created_at)
    values (p_target.run_id,
            oms.derive_intent_id(
                p_target.run_id, p_target.strategy_id, p_target.bar_end_at, p_target.symbol),
            p_target.strategy_id, p_target.bar_end_at, p_target.symbol, 'TARGET', 1,
            p_target.target_qty, v_held, v_open, v_delta, p_now_at)
    returning * into v_intent;
    v_decision := risk.check_order(
        p_run_id => v_intent.run_id, p_intent_id => v_intent.intent_id,
        p_symbol => v_intent.symbol, p_order_qty => v_intent.order_qty,
        p_open => oms.get_open_shares(v_intent.run_id),
        p_messages => oms.count_messages(v_intent.run_id, p_now_at),
        p_terms => oms.get_terms(p_target), p_now_at => p_now_at);
    return query
    select v_intent.symbol, v_intent.target_qty, v_intent.order_qty, v_decision.verdict,
           v_decision.rule,
           case when v_decision.verdict = 'ALLOW' and r.may_submit
                then oms.enqueue_order(
                    v_intent, null, oms.get_expiry(v_intent.symbol, p_now_at), p_now_at) end
      from run.runs as r
     where r.run_id = v_intent.run_id;
end;
$function$;

comment on function oms.plan_symbol(strat.targets, timestamptz) is
$$Plans one target: intent = target minus position minus open orders, verdict, order when allowed.
No row when there is nothing to do, or while a resting stop has to make way. A target that wants
our own open orders no more cancels them; one that only wants less of them lets them go on. Open orders in
other terms than the target's are cancelled, and it waits until they have ended.
Why: a flip only closes now; the opening leg follows from the next bar, once flat. An order against
an open one is a wash trade, which brokers reject. In SHADOW the intent and its verdict are all.$$;

create or replace function oms.assert_queue(
    p_run_id uuid
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_waiting bigint;
begin
    select count(*) into v_waiting from oms.outbox as o
     where o.run_id = p_run_id and o.outbox_status = 'PENDING';
    perform core.assert_that(v_waiting < 1000, 'MQG22', v_waiting || ' requests wait');
end;
$function$;

comment on function oms.assert_queue(uuid) is
$$Passes while fewer than 1000 requests of a run wait for the gateway.
Why: whoever decides on and on while nothing leaves does not know what it holds. Cancels, stops and what
closes a halted run's positions are not planned here, and wait for nobody.
Raises: MQG22.$$;

create or replace function oms.plan_intents(
    p_run_id  uuid,
    p_targets jsonb,
    p_now_at  timestamptz
)
returns table (
    symbol          text,
    target_qty      bigint,
    order_qty       bigint,
    verdict         text,
    rule            text,
    client_order_id text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run      run.runs;
    v_context  record;
    v_target   strat.targets;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    perform core.assert_that(v_run.run_status = 'RUNNING', 'MQS02', v_run.run_status);
    perform oms.assert_queue(p_run_id);
    select c.* into v_context from strat.get_context(p_run_id, p_now_at) as c;
    if not found or not strat.record_decision(
        p_run_id, v_context.bar_end_at, v_context.context,
        case v_context.strategy_kind
            when 'SQL' then strat.run_sql_strategy(v_context.strategy_id, v_context.context)
            else p_targets end, p_now_at)
    then
        return;
    end if;
    for v_target in
        select t.* from strat.targets as t
         where t.run_id = p_run_id and t.strategy_id = v_context.strategy_id
           and t.bar_end_at = v_context.bar_end_at
         order by t.target_qty - ledger.get_position_qty(p_run_id, t.symbol), t.symbol collate "C"
    loop
        return query select p.* from oms.plan_symbol(v_target, p_now_at) as p;
    end loop;
    perform pg_notify('mqk_outbox', p_run_id::text);
end;
$function$;

comment on function oms.plan_intents(uuid, jsonb, timestamptz) is
$$From a strategy's targets {symbol: shares} for the last complete bar to intents, verdicts and
orders: sells first, one row each. A SQL strategy decides here and p_targets is not looked at.
No row when there is nothing to decide; a bar is decided once.
Raises: MQS02 not running; MQG22 too many requests wait; MQA08 bad targets; MQI02 no mark.$$;

create or replace function oms.compute_stop_price(
    p_position_qty  bigint,
    p_mark_micros   bigint,
    p_stop_bps      integer,
    p_before_micros bigint
)
returns bigint
language sql
immutable
parallel safe
return case
    when p_position_qty > 0 then greatest(
        (p_mark_micros - core.scale_up(p_mark_micros, p_stop_bps)) / 10000 * 10000,
        p_before_micros, 10000)
    else least(
        (p_mark_micros + core.scale_up(p_mark_micros, p_stop_bps) + 9999) / 10000 * 10000,
        p_before_micros) end;

comment on function oms.compute_stop_price(bigint, bigint, integer, bigint) is
$$Where the stop of a position rests, in micros, whole cents: p_stop_bps behind the mark, rounded away
from it, and never looser than p_before_micros (the stop before, or null).
Why: a stop only tightens.$$;

create or replace function oms.restate_stop(
    p_stop_micros bigint,
    p_side        integer,
    p_num         numeric,
    p_den         numeric
)
returns bigint
language sql
immutable
parallel safe
return case when p_side > 0 then ceil(p_stop_micros * p_den / p_num / 10000) * 10000
            else floor(p_stop_micros * p_den / p_num / 10000) * 10000 end::bigint;

comment on function oms.restate_stop(bigint, integer, numeric, numeric) is
$$A stop price, in micros, of before a split of p_num new shares for p_den old ones, to the next whole cent
on the tight side: up under a long position (p_side plus), down over a short one.$$;

create or replace function oms.get_last_stop_micros(
    p_run_id uuid,
    p_symbol text,
    p_now_at timestamptz
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case when h.qty > 0 then max(r.stop_micros) else min(r.stop_micros) end
      from (select o.stop_price_micros as stop_micros, o.created_at
              from oms.orders as o
             where o.run_id = p_run_id and o.symbol = p_symbol and o.time_in_force = 'GTC'
             union all
            select b.stop_price_micros, o.created_at
              from oms.outbox as b
              join oms.orders as o using (run_id, order_id)
             where o.run_id = p_run_id and o.symbol = p_symbol
               and b.request_kind = 'REPLACE' and b.outbox_status <> 'FAILED') as s
     cross join (select ledger.get_position_qty(p_run_id, p_symbol) as qty) as h
     cross join lateral md.get_split_factor(p_symbol, s.created_at, p_now_at) as f
     cross join lateral (
        select oms.restate_stop(
                   s.stop_micros, sign(h.qty)::integer, f.ratio_num, f.ratio_den) as stop_micros) as r
     where s.created_at >= (
           select min(l.opened_at)
             from ledger.positions as p
             join ledger.lots as l using (run_id, symbol, match_no)
            where p.run_id = p_run_id and p.symbol = p_symbol and l.open_qty <> 0)
     group by h.qty;
$function$;

comment on function oms.get_last_stop_micros(uuid, text, timestamptz) is
$$The tightest stop price, in micros, that the position of a symbol has had since it was opened, or null;
one of before a split in the shares of p_now_at, to the next whole cent on the tight side.$$;

create or replace function oms.count_refused_stops(
    p_run_id uuid,
    p_symbol text
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select count(*)
      from oms.orders as o
     where o.run_id = p_run_id and o.symbol = p_symbol and o.time_in_force = 'GTC'
       and o.order_status = 'REJECTED'
       and o.created_at >= (
           select min(l.opened_at)
             from ledger.positions as p
             join ledger.lots as l using (run_id, symbol, match_no)
            where p.run_id = p_run_id and p.symbol = p_symbol and l.open_qty <> 0);
$function$;

comment on function oms.count_refused_stops(uuid, text) is
$$Stops that the broker refused since the position of a symbol was opened.$$;

create or replace function oms.is_being_traded(
    p_run_id uuid,
    p_symbol text
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select exists (select from oms.orders as o
                    where o.run_id = p_run_id and o.symbol = p_symbol and o.time_in_force = 'DAY'
                      and o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED'))
           or exists (select from oms.deferrals as d
                       where d.run_id = p_run_id and d.symbol = p_symbol and d.outcome = 'WAITING');
$function$;

comment on function oms.is_being_traded(uuid, text) is
$$True while an order other than the stop works in a symbol, or waits for the stop to make way.$$;

create or replace function oms.place_stop(
    p_run_id      uuid,
    p_symbol      text,
    p_held_qty    bigint,
    p_stop_micros bigint,
    p_now_at      timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_refused bigint := oms.count_refused_stops(p_run_id, p_symbol);
    v_leg     text := case when v_refused >= 2 then 'FLATTEN' else 'STOP' end;
    v_intent  oms.intents;
begin
    insert into oms.intents (
        run_id, intent_id, strategy_id, bar_end_at, symbol, leg, leg_no, target_qty, position_qty,
        open_qty, order_qty, created_at)
    select t.run_id,
           core.derive_id('intent', array[
               t.run_id::text, t.strategy_id, core.format_iso(t.bar_end_at), t.symbol, v_leg,
               n.leg_no::text]),
           t.strategy_id, t.bar_end_at, t.symbol, v_leg, n.leg_no, t.target_qty, p_held_qty, 0,
           -p_held_qty, p_now_at
      from (select t.* from strat.targets as t
             where t.run_id = p_run_id and t.symbol = p_symbol
             order by t.bar_end_at desc limit 1) as t
      cross join lateral (
           select count(*) + 1 as leg_no from oms.intents as i
            where i.run_id = t.run_id and i.strategy_id = t.strategy_id
              and i.bar_end_at = t.bar_end_at and i.symbol = t.symbol and i.leg = v_leg) as n
     where v_leg = 'STOP' or n.leg_no = 1
    returning * into v_intent;
    if not found then
        perform run.halt_run(
            p_run_id, 'MISSING_PROTECTIVE_STOP',
            format('UNPROTECTED: %s has no stop and could not be closed', p_symbol),
            jsonb_build_object('symbol', p_symbol, 'held_qty', p_held_qty, 'refused', v_refused),
            p_now_at);
        return 'UNPROTECTED';
    end if;
    perform risk.check_order(
        p_run_id => p_run_id, p_intent_id => v_intent.intent_id, p_symbol => p_symbol,
        p_order_qty => v_intent.order_qty, p_open => oms.get_open_shares(p_run_id),
        p_messages => oms.count_messages(p_run_id, p_now_at), p_terms => null, p_now_at => p_now_at);
    perform oms.enqueue_order(
        v_intent, case when v_leg = 'STOP' then p_stop_micros end,
        oms.get_expiry(p_symbol, p_now_at), p_now_at);
    return v_leg;
end;
$function$;

comment on function oms.place_stop(uuid, text, bigint, bigint, timestamptz) is
$$Enqueues the protective stop of a position. After two that the broker refused the position is closed at
the market instead (FLATTEN); if that cannot be had either, the run is halted.
Why: a position that cannot be protected is not kept.$$;

create or replace function oms.end_flatten(
    p_run_id uuid,
    p_symbol text,
    p_now_at timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    if exists (
        select from oms.intents as i
          join oms.orders as o using (run_id, intent_id)
          join run.runs as r on r.run_id = i.run_id
          join run.run_history as h on h.run_id = r.run_id and h.history_seq = r.status_seq
         where i.run_id = p_run_id and i.symbol = p_symbol and i.leg = 'FLATTEN'
           and i.created_at >= h.moved_at and o.order_status = 'FILLED')
    then
        perform run.halt_run(
            p_run_id, 'MISSING_PROTECTIVE_STOP',
            format('UNPROTECTED: %s was closed, no stop could rest', p_symbol),
            jsonb_build_object('symbol', p_symbol), p_now_at);
        return 'FLATTENED';
    end if;
    return 'FLAT';
end;
$function$;

comment on function oms.end_flatten(uuid, text, timestamptz) is
$$Halts a run whose position was closed because no stop could rest; FLAT when there was no such thing.$$;

create or replace function oms.plan_stop(
    p_run_id      uuid,
    p_symbol      text,
    p_mark_micros bigint,
    p_stop_bps    integer,
    p_now_at      timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_held  bigint := ledger.get_position_qty(p_run_id, p_symbol);
    v_stop  oms.orders := oms.get_stop(p_run_id, p_symbol);
    v_price bigint;
    v_id    bigint;
begin
    if v_stop.pending_op <> 'NONE' then
        return 'WAITING';
    elsif v_held = 0 then
        return case when v_stop.order_id is not null
                    then oms.cancel_order(v_stop, 'the position is closed', p_now_at)
                    else oms.end_flatten(p_run_id, p_symbol, p_now_at) end;
    elsif oms.is_being_traded(p_run_id, p_symbol) then
        perform oms.cancel_order(o, 'the position is to be protected', p_now_at)
           from oms.orders as o
          where o.run_id = p_run_id and o.symbol = p_symbol and o.time_in_force = 'DAY'
            and o.order_type <> 'MARKET' and o.pending_op = 'NONE'
            and o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED');
        return 'WAITING';
    elsif v_stop.order_id is not null and v_stop.leaves_qty * sign(v_stop.order_qty) <> -v_held then
        return oms.cancel_order(v_stop, 'the position has changed', p_now_at);
    end if;
    v_price := oms.compute_stop_price(
        v_held, p_mark_micros, p_stop_bps, oms.get_last_stop_micros(p_run_id, p_symbol, p_now_at));
    if v_stop.order_id is null then
        return oms.place_stop(p_run_id, p_symbol, v_held, v_price, p_now_at);
    elsif v_price <> oms.get_last_stop_micros(p_run_id, p_symbol, p_now_at) and v_stop.cum_qty = 0
          and v_stop.order_status = 'ACCEPTED'
    then
        v_id := oms.enqueue_request(
            p_run_id, v_stop.order_id, 'REPLACE', v_price, 'the stop is tightened',
            oms.get_expiry(p_symbol, p_now_at), p_now_at);
        perform audit.append_event(
            p_run_id, 'OMS', 'REPLACE_ENQUEUED',
            jsonb_build_object(
                'outbox_id', v_id, 'client_order_id', v_stop.client_order_id,
                'reason', 'the stop is tightened', 'stop_price_micros', v_price,
                'expires_at', core.format_iso(oms.get_expiry(p_symbol, p_now_at))), p_now_at);
        perform oms.settle_order(v_stop, null, 'the stop is tightened', p_now_at);
        return 'TIGHTENED';
    end if;
    return 'RESTING';
end;
$function$;

comment on function oms.plan_stop(uuid, text, bigint, integer, timestamptz) is
$$Looks after the protective stop of one symbol: one stop for the shares held, only ever tighter, none
without a position; gives what was done. While an order of the symbol works, it waits; one with prices
that has brought the position only in part is cancelled.
Why: an open position of a strategy that asks for it always has a stop that rests at the broker.$$;

create or replace function oms.resume_targets(
    p_run_id uuid,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_wait   oms.deferrals;
    v_target strat.targets;
    v_stop   oms.orders;
    v_outcome text;
begin
    for v_wait in
        select d.* from oms.deferrals as d
         where d.run_id = p_run_id and d.outcome = 'WAITING'
         order by d.bar_end_at, d.symbol collate "C"
           for update
    loop
        select o.* into strict v_stop from oms.orders as o
         where o.run_id = p_run_id and o.order_id = v_wait.stop_id;
        select t.* into strict v_target from strat.targets as t
         where t.run_id = p_run_id and t.strategy_id = v_wait.strategy_id
           and t.bar_end_at = v_wait.bar_end_at and t.symbol = v_wait.symbol;
        continue when v_stop.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY')
                   or exists (select from oms.orders as o
                               where o.run_id = p_run_id and o.symbol = v_wait.symbol
                                 and oms.is_in_the_way(o, v_target));
        v_outcome := case when v_stop.time_in_force = 'GTC' and v_stop.cum_qty > 0 or exists (
            select from strat.targets as t
             where t.run_id = p_run_id and t.strategy_id = v_wait.strategy_id
               and t.symbol = v_wait.symbol and t.bar_end_at > v_wait.bar_end_at)
            then 'DROPPED' else 'RESUMED' end;
        update oms.deferrals as d set outcome = v_outcome
         where d.run_id = p_run_id and d.strategy_id = v_wait.strategy_id
           and d.bar_end_at = v_wait.bar_end_at and d.symbol = v_wait.symbol
        returning d.* into v_wait;
        perform oms.tell_target(v_wait, p_now_at);
        perform oms.plan_symbol(v_target, p_now_at) where v_outcome = 'RESUMED';
    end loop;
end;
$function$;

comment on function oms.resume_targets(uuid, timestamptz) is
$$Plans the targets that waited for a stop to make way, or for orders in other terms, once these have ended.
A target whose stop was filled meanwhile is dropped, and so is one after which a newer one was decided.
Why: the market has closed the position; the target was made before it did. An old wish does not overrule a
new one.$$;

create or replace function oms.plan_stops(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    symbol text,
    done   text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
    v_bps integer;
    v_at  record;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    select a.stop_bps into v_bps from strat.assignments as a where a.run_id = p_run_id;
    if v_run.run_status <> 'RUNNING' or oms.find_action_defect(p_run_id, null, p_now_at) is not null then
        return;
    end if;
    perform oms.resume_targets(p_run_id, p_now_at);
    if coalesce(v_bps, 0) = 0 then
        return;
    end if;
    for v_at in
        select p.symbol, m.mark_micros
          from ledger.positions as p
          join md.list_marks(p_run_id, p_now_at) as m using (symbol)
         where p.run_id = p_run_id
         order by p.symbol collate "C"
    loop
        symbol := v_at.symbol;
        done := oms.plan_stop(p_run_id, v_at.symbol, v_at.mark_micros, v_bps, p_now_at);
        return next;
        exit when done in ('UNPROTECTED', 'FLATTENED');
    end loop;
    insert into oms.stop_plans (run_id, planned_at)
    values (p_run_id, run.clamp_now(p_run_id, p_now_at))
    on conflict (run_id) do update set planned_at = excluded.planned_at;
    perform pg_notify('mqk_outbox', p_run_id::text);
end;
$function$;

comment on function oms.plan_stops(uuid, timestamptz) is
$$Resumes targets that waited, and looks after the protective stops of a running run whose strategy asks
for them; a row for each symbol that was ever held. Nothing while a corporate action is due, and
nothing more once a position could not be protected: the run is halted.
Raises: MQN02; MQA03.$$;

create or replace function oms.get_broker_order_id(
    p_run_id   uuid,
    p_order_id uuid
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select m.broker_order_id
      from oms.outbox as b
      join oms.broker_map as m using (run_id, outbox_id)
     where b.run_id = p_run_id and b.order_id = p_order_id
       and not exists (select from oms.broker_map as n
                        where n.account_id = m.account_id and n.replaces_id = m.broker_order_id);
$function$;

comment on function oms.get_broker_order_id(uuid, uuid) is
$$The broker's name for an order of ours as it works now, or null.$$;

create or replace function oms.get_reduction(
    p_row oms.outbox,
    out flatten_seq bigint,
    out order_qty   bigint,
    out held_qty    bigint,
    out buy_qty     bigint,
    out sell_qty    bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select (risk.get_flatten(p_row.run_id)).halted_seq, o.order_qty,
           ledger.get_position_qty(p_row.run_id, o.symbol), coalesce(s.buy_qty, 0),
           coalesce(s.sell_qty, 0)
      from oms.orders as o
      left join oms.list_open_shares(p_row.run_id, p_row.order_id) as s using (symbol)
     where o.run_id = p_row.run_id and o.order_id = p_row.order_id and p_row.lane = 'REDUCING';
$function$;

comment on function oms.get_reduction(oms.outbox) is
$$What a request of the reducing lane rests on: its flatten, its signed shares, the shares held, and what
all other unfinished orders of its symbol may still buy and sell. Nulls for any other request.$$;

create or replace function oms.is_reducing(
    p_row oms.outbox
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select risk.is_reducing(q.held_qty, q.buy_qty, q.sell_qty, q.order_qty)
      from oms.get_reduction(p_row) as q;
$function$;

comment on function oms.is_reducing(oms.outbox) is
$$True when a request of the reducing lane, as the books stand, can only bring its position nearer to zero;
see risk.is_reducing.$$;

create or replace function oms.is_exposed(
    p_run_id uuid
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select exists (select from ledger.positions as p
                    where p.run_id = p_run_id and p.position_qty <> 0)
           or exists (select from oms.list_open_shares(p_run_id, null));
$function$;

comment on function oms.is_exposed(uuid) is
$$True while a run holds shares or an order of it may still fill.$$;

create or replace function oms.count_unresolved(
    p_run_id uuid
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select count(*)
      from oms.outbox as o
     where o.run_id = p_run_id
       and o.request_kind = 'SUBMIT'
       and o.outbox_status in ('DISPATCHING', 'AMBIGUOUS');
$function$;

comment on function oms.count_unresolved(uuid) is
$$Orders of a run of which nobody knows yet whether the broker has them.$$;

create or replace function oms.find_run_defect(
    p_run  run.runs,
    p_lane text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case p_lane
        when 'REDUCING' then
            case when (risk.get_flatten(p_run.run_id)).run_id is null then 'no flatten is asked for' end
        else case when p_run.run_status <> 'RUNNING' then 'the run is ' || p_run.run_status end end;
$function$;

comment on function oms.find_run_defect(run.runs, text) is
$$Why a run, as it stands, submits nothing by a lane, or null: it is not RUNNING, or no flatten of it is
under way.$$;

create or replace function oms.find_reduction_defect(
    p_run_id uuid,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case
        when (risk.get_flatten(p_run_id)).run_id is null then 'no flatten is asked for'
        when oms.find_action_defect(p_run_id, null, p_now_at) is not null
            then oms.find_action_defect(p_run_id, null, p_now_at)
        when oms.count_unresolved(p_run_id) > 0 then 'an order is in doubt at the broker'
        when exists (select from ledger.positions as p
                      where p.run_id = p_run_id and p.position_qty <> 0
                        and oms.get_expiry(p.symbol, p_now_at) is null)
            then 'the session calendar has ended'
        else coalesce(
            (select string_agg(s.gate || ': ' || s.reason, '; ')
               from run.list_shut_gates(p_run_id, array['CONTINUITY', 'RECON'], p_now_at) as s),
            (select 'no snapshot agrees since ' || max(t.reason)
               from run.trips as t
               join run.runs as r on r.run_id = t.run_id and r.status_seq = t.halted_seq
               join run.gates as g on g.run_id = t.run_id and g.gate = 'RECON'
              where t.run_id = p_run_id and t.trip_kind = 'DESYNC'
                and g.expires_at - r.gate_ttl_ms * interval '1 ms' <= t.tripped_at)) end;
$function$;

comment on function oms.find_reduction_defect(uuid, timestamptz) is
$$Why a halted run may not close its positions now, or null.
Why: only positions that are proven are closed: the broker's events are complete, the last reconcile agreed
and is fresh, its snapshot is younger than every DESYNC of this halt, no order is in doubt and no corporate
action is due. Where they
are not, a person must look first.$$;

create or replace function oms.find_lane_defect(
    p_run    run.runs,
    p_row    oms.outbox,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case
        when p_row.request_kind = 'CANCEL' then null
        when d.due is not null then d.due
        when p_row.request_kind <> 'SUBMIT' then null
        when p_row.lane = 'REDUCING' then oms.find_reduction_defect(p_run.run_id, p_now_at)
        else coalesce(
            (select string_agg(s.gate || ': ' || s.reason, '; ')
               from run.list_shut_gates(p_run.run_id, run.list_gates(), p_now_at) as s),
            oms.find_run_defect(p_run, p_row.lane)) end
      from (select) as one
      left join lateral (
           select oms.find_action_defect(o.run_id, o.symbol, p_now_at) as due
             from oms.orders as o
            where o.run_id = p_row.run_id and o.order_id = p_row.order_id) as d on true;
$function$;

comment on function oms.find_lane_defect(run.runs, oms.outbox, timestamptz) is
$$Why a request may not go out now, or null: a submit needs a running run and every gate, a reducing one
a flatten and proven positions; a cancel passes. Where a corporate action is due, only a cancel passes.$$;

create or replace function oms.count_refused_flattens(
    p_flatten risk.flattens,
    p_symbol  text
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select count(*)
      from oms.intents as i
      join oms.orders as o using (run_id, intent_id)
     where i.run_id = p_flatten.run_id and i.symbol = p_symbol and i.leg = 'FLATTEN'
       and i.created_at >= p_flatten.asked_at
       and o.order_status in ('REJECTED', 'CANCELED', 'EXPIRED') and o.cum_qty = 0
       and exists (select from oms.outbox as b
                     join oms.attempts as a using (run_id, outbox_id)
                    where b.run_id = o.run_id and b.order_id = o.order_id
                      and b.request_kind = 'SUBMIT');
$function$;

comment on function oms.count_refused_flattens(risk.flattens, text) is
$$Closing orders of a flatten in a symbol that were sent and ended with nothing filled.
Why: a broker that takes an order and ends it refuses as well as one that says no; a loop has an end.$$;

create or replace function oms.count_refused_cancels(
    p_flatten risk.flattens,
    p_symbol  text
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(max(c.refused), 0)
      from (select count(*) as refused
              from oms.orders as o
              join oms.outbox as b using (run_id, order_id)
             where o.run_id = p_flatten.run_id and o.symbol = p_symbol and oms.is_unfinished(o)
               and b.request_kind = 'CANCEL' and b.outbox_status = 'FAILED'
               and b.enqueued_at >= p_flatten.asked_at
             group by o.order_id) as c;
$function$;

comment on function oms.count_refused_cancels(risk.flattens, text) is
$$How often the broker refused to end the order that stands most in the way of a flatten in a symbol.$$;

create or replace function oms.flatten_symbol(
    p_flatten risk.flattens,
    p_symbol  text,
    p_now_at  timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run_id uuid := p_flatten.run_id;
    v_held   bigint := ledger.get_position_qty(v_run_id, p_symbol);
    v_intent oms.intents;
begin
    perform oms.cancel_order(o, 'the position is flattened', p_now_at)
       from oms.orders as o
       join oms.outbox as s
         on s.run_id = o.run_id and s.order_id = o.order_id and s.request_kind = 'SUBMIT'
      where o.run_id = v_run_id and o.symbol = p_symbol and oms.is_unfinished(o)
        and s.lane = 'GATED'
        and 3 > (select count(*) from oms.outbox as b
                  where b.run_id = o.run_id and b.order_id = o.order_id
                    and b.request_kind = 'CANCEL' and b.enqueued_at >= p_flatten.asked_at);
    if exists (select from oms.orders as o
                where o.run_id = v_run_id and o.symbol = p_symbol and oms.is_unfinished(o))
    then
        return case when oms.count_refused_cancels(p_flatten, p_symbol) >= 3 then 'STUCK'
                    else 'WAITING' end;
    elsif v_held = 0 then
        return 'FLAT';
    elsif oms.count_refused_flattens(p_flatten, p_symbol) >= 3 then
        return 'REFUSED';
    end if;
    insert into oms.intents (
        run_id, intent_id, strategy_id, bar_end_at, symbol, leg, leg_no, target_qty, position_qty,
        open_qty, order_qty, created_at)
    select t.run_id,
           core.derive_id('intent', array[
               t.run_id::text, t.strategy_id, core.format_iso(t.bar_end_at), t.symbol, 'FLATTEN',
               n.leg_no::text]),
           t.strategy_id, t.bar_end_at, t.symbol, 'FLATTEN', n.leg_no, t.target_qty, v_held, 0,
           -v_held, p_now_at
      from (select t.* from strat.targets as t
             where t.run_id = v_run_id and t.symbol = p_symbol
             order by t.bar_end_at desc limit 1) as t
     cross join lateral (
           select count(*) + 1 as leg_no from oms.intents as i
            where i.run_id = t.run_id and i.strategy_id = t.strategy_id
              and i.bar_end_at = t.bar_end_at and i.symbol = t.symbol and i.leg = 'FLATTEN') as n
    returning * into strict v_intent;
    perform risk.check_order(
        p_run_id => v_run_id, p_intent_id => v_intent.intent_id, p_symbol => p_symbol,
        p_order_qty => v_intent.order_qty, p_open => oms.get_open_shares(v_run_id),
        p_messages => oms.count_messages(v_run_id, p_now_at), p_terms => null, p_now_at => p_now_at);
    perform oms.enqueue_order(v_intent, null, oms.get_expiry(p_symbol, p_now_at), p_now_at);
    return 'FLATTEN';
end;
$function$;

comment on function oms.flatten_symbol(risk.flattens, text, timestamptz) is
$$One step towards a flat symbol: asks for the end of what is open (at most three times an order), and once
nothing is, orders the opposite of what is held. FLATTEN, WAITING or FLAT. STUCK: the broker refused three
times to end an order; REFUSED: it took three closing orders for nothing. These two need a person.$$;

create or replace function oms.plan_flatten(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    symbol text,
    done   text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_flatten risk.flattens;
    v_defect  text;
begin
    if not exists (select from run.runs as r where r.run_id = p_run_id and r.run_status = 'HALTED') then
        return;
    end if;
    perform run.lock_run(p_run_id, true, p_now_at);
    perform risk.open_flatten(p_run_id, null, p_now_at);
    v_flatten := risk.get_flatten(p_run_id);
    v_defect := oms.find_reduction_defect(p_run_id, p_now_at);
    if v_flatten.run_id is null then
        return;
    elsif v_defect is not null then
        perform risk.record_flatten(v_flatten, left(v_defect, 500), false, p_now_at);
        return;
    end if;
    perform oms.drop_targets(p_run_id, null, p_now_at);
    for symbol in
        select u.symbol from run.universe as u where u.run_id = p_run_id order by u.symbol collate "C"
    loop
        done := oms.flatten_symbol(v_flatten, symbol, p_now_at);
        v_defect := nullif(concat_ws(
            '; ', v_defect, case when done in ('REFUSED', 'STUCK') then symbol || ': ' || done end), '');
        return next;
    end loop;
    perform risk.record_flatten(
        v_flatten, v_defect, not oms.is_exposed(p_run_id), p_now_at);
    perform pg_notify('mqk_outbox', p_run_id::text);
end;
$function$;

comment on function oms.plan_flatten(uuid, timestamptz) is
$$Closes the positions of a halted run for which a flatten is asked, step by step: cancels what is open,
then sells or buys back what is held; a row for each symbol with what was done. Nothing while the
positions are not proven (oms.find_reduction_defect): the flatten waits and says so.
Why: the protective stop rests until all is ready to put a closing order in its place.$$;

create or replace function oms.cancel_flatten(
    p_run_id uuid,
    p_reason text,
    p_now_at timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select oms.cancel_order(o, p_reason, p_now_at)
      from oms.orders as o
      join oms.outbox as s
        on s.run_id = o.run_id and s.order_id = o.order_id and s.request_kind = 'SUBMIT'
     where o.run_id = p_run_id and s.lane = 'REDUCING' and oms.is_unfinished(o)
     order by o.client_order_id collate "C";
$function$;

comment on function oms.cancel_flatten(uuid, text, timestamptz) is
$$Asks for the end of the orders that flatten a run: its halt is about to be cleared.
Why: an order that was planned to close everything must not outlive the halt that called for it.$$;

create or replace function oms.is_claimable(
    p_row        oms.outbox,
    p_is_shut    boolean,
    p_may_reduce boolean,
    p_now_at     timestamptz
)
returns boolean
language sql
stable
return (p_row).outbox_status = 'PENDING'
       and coalesce((p_row).not_before_at <= p_now_at, true)
       and case (p_row).request_kind
               when 'SUBMIT' then case (p_row).lane when 'REDUCING' then p_may_reduce
                                                    else not p_is_shut end
               else oms.get_broker_order_id((p_row).run_id, (p_row).order_id) is not null end;

comment on function oms.is_claimable(oms.outbox, boolean, boolean, timestamptz) is
$$True for a pending request that may go out now: a submit while the run may trade (one that flattens:
while the run is halted and may reduce), a cancel at any time, once the broker's name for the order is
known; none before the broker's own time for us.
Why: what takes risk away is never held back by a gate.$$;

create or replace function oms.count_claimable(
    p_run_id uuid,
    p_now_at timestamptz
)
returns bigint
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_shut   boolean := not run.may_trade(p_run_id, p_now_at);
    v_reduce boolean := case when v_shut
        then oms.find_reduction_defect(p_run_id, p_now_at) is null else false end;
    v_now    timestamptz := run.clamp_now(p_run_id, p_now_at);
begin
    return (select count(*)
              from (select from oms.outbox as o
                     where o.run_id = p_run_id
                       and o.outbox_status = 'PENDING'
                       and oms.is_claimable(o, v_shut, v_reduce, v_now)
                     limit 100) as c);
end;
$function$;

comment on function oms.count_claimable(uuid, timestamptz) is
$$How many requests wait that a claim would give out now; counted up to 100.$$;

create or replace function oms.claim_outbox(
    p_run_id      uuid,
    p_worker_name text,
    p_limit       integer,
    p_now_at      timestamptz
)
returns table (
    outbox_id bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row   oms.outbox;
    v_now   timestamptz;
    v_shut  boolean;
    v_reduce boolean;
    v_change text;
begin
    perform core.assert_that(p_limit between 1 and 100, 'MQA02', 'limit in 1..100');
    perform core.assert_that(p_worker_name is not null, 'MQA01', 'worker_name');
    perform run.lock_run(p_run_id, false, p_now_at);
    v_now := run.clamp_now(p_run_id, p_now_at);
    if oms.count_claimable(p_run_id, p_now_at) = 0 then
        perform run.assert_may_trade(p_run_id, p_now_at);
    end if;
    v_change := run.find_schema_change(p_run_id);
    perform run.halt_run(p_run_id, 'SCHEMA', v_change, '{}', p_now_at) where v_change is not null;
    v_shut := not run.may_trade(p_run_id, p_now_at);
    v_reduce := case when v_shut then oms.find_reduction_defect(p_run_id, p_now_at) is null end;

    for v_row in
        with claimable as materialized (
            select o.run_id, o.outbox_id
              from oms.outbox as o
             where o.run_id = p_run_id and o.outbox_status = 'PENDING'
               and oms.is_claimable(o, v_shut, v_reduce, v_now)
             order by o.request_kind, o.outbox_id
             limit p_limit
               for update skip locked
        )
        select o.* from oms.outbox as o join claimable as c using (run_id, outbox_id)
         order by o.request_kind, o.outbox_id
    loop
        if v_row.expires_at <= v_now then
            perform oms.fail_order(v_row, 'EXPIRED', 'expired before it was sent', p_now_at);
        else
            perform oms.move_outbox(
                p_run_id, v_row.outbox_id, 'CLAIMED', p_worker_name, 'claimed', p_now_at);
            outbox_id := v_row.outbox_id;
            return next;
        end if;
    end loop;
end;
$function$;

comment on function oms.claim_outbox(uuid, text, integer, timestamptz) is
$$Gives one gateway up to p_limit pending requests of one run, by id only: cancels first, then submits,
and these only while the run may trade. A request whose time is over is failed instead.
A run whose schema is not the one that it was armed on is halted instead.
Why: SKIP LOCKED hands every row to exactly one gateway; what to send is told only with a permit.
Raises: MQA01; MQA02; MQS02 not running; MQG01 a gate is shut.$$;

create or replace function oms.begin_dispatch(
    p_run_id      uuid,
    p_outbox_id   bigint,
    p_worker_name text,
    p_now_at      timestamptz
)
returns table (
    is_granted boolean,
    attempt_no integer,
    reason     text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run  run.runs;
    v_row  oms.outbox;
    v_now  timestamptz;
    v_shut text;
begin
    v_run := run.lock_run(p_run_id, false, p_now_at);
    perform from run.gates as g where g.run_id = p_run_id order by g.gate for share;
    select o.* into v_row from oms.outbox as o
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id for update;
    perform core.assert_that(found, 'MQN06', p_outbox_id::text);
    perform core.assert_that(
        v_row.outbox_status = 'CLAIMED' and v_row.claimed_by = p_worker_name, 'MQS03',
        format('%s by %s', v_row.outbox_status, v_row.claimed_by));
    v_now := run.clamp_now(p_run_id, p_now_at);
    v_shut := oms.find_lane_defect(v_run, v_row, p_now_at);
    if v_shut is not null then
        perform oms.move_outbox(p_run_id, p_outbox_id, 'PENDING', null, left(v_shut, 300), p_now_at);
        return query select false, null::integer, v_shut;
    elsif v_row.lane = 'REDUCING' and not oms.is_reducing(v_row) then
        perform oms.fail_order(v_row, 'CANCELED', 'it would not reduce the position', p_now_at);
        return query select false, null::integer, 'it would not reduce the position';
    elsif v_row.expires_at <= v_now then
        perform oms.fail_order(v_row, 'EXPIRED', 'expired before it was sent', p_now_at);
        return query select false, null::integer, 'expired before it was sent';
    else
        return query
        select true, oms.record_attempt(v_run, v_row, p_worker_name, v_now), null::text;
    end if;
end;
$function$;

comment on function oms.begin_dispatch(uuid, bigint, text, timestamptz) is
$$Reads all gates again under lock and writes the attempt, before the network call.
A shut gate is not an order's failure: the row goes back to PENDING, the refusal is kept and returned.
A cancel passes every gate. An order that flattens a halted run needs proven positions instead, and is
failed when it would not reduce its position any more.
Why: after this commits, the broker may have the order; nothing but evidence moves it on.
Raises: MQN06; MQS03 the row is not claimed by this worker.$$;

create or replace function oms.record_attempt(
    p_run         run.runs,
    p_row         oms.outbox,
    p_worker_name text,
    p_now_at      timestamptz
)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_seq bigint;
    v_no  integer;
begin
    perform set_config('synchronous_commit', 'on', true);
    v_seq := oms.move_outbox(
        p_run.run_id, p_row.outbox_id, 'DISPATCHING', p_worker_name, 'dispatching', p_now_at);
    insert into oms.attempts (
        run_id, outbox_id, attempt_no, request_kind, lane, dispatch_seq, worker_name,
        continuity_gate_seq, deadman_gate_seq, integrity_gate_seq, recon_gate_seq, risk_gate_seq,
        gates_expire_at, flatten_seq, order_qty, held_qty, buy_qty, sell_qty, lease_epoch,
        lease_expires_at, armed_epoch, begun_by, begun_at, permit_expires_at, wal_lsn, begun_xid)
    select p_run.run_id, p_row.outbox_id,
           (select count(*) + 1 from oms.attempts as a
             where a.run_id = p_run.run_id and a.outbox_id = p_row.outbox_id),
           p_row.request_kind, p_row.lane, v_seq, p_worker_name,
           max(g.gate_seq) filter (where g.gate = 'CONTINUITY'),
           max(g.gate_seq) filter (where g.gate = 'DEADMAN'),
           max(g.gate_seq) filter (where g.gate = 'INTEGRITY'),
           max(g.gate_seq) filter (where g.gate = 'RECON'),
           max(g.gate_seq) filter (where g.gate = 'RISK'),
           min(g.expires_at), max(q.flatten_seq), max(q.order_qty), max(q.held_qty), max(q.buy_qty),
           max(q.sell_qty), max(h.lease_epoch), max(l.expires_at), p_run.armed_epoch,
           session_user, p_now_at, p_now_at + interval '2 s', pg_current_wal_insert_lsn(),
           pg_current_xact_id()
      from run.lease_history as h
      join run.leases as l using (engine_id, account_id, worker_kind, lease_epoch)
      left join oms.get_reduction(p_row) as q on true
      left join run.gates as g on g.run_id = h.run_id and p_row.request_kind = 'SUBMIT'
       and (p_row.lane = 'GATED' or g.gate in ('CONTINUITY', 'RECON'))
     where h.run_id = p_run.run_id and h.worker_kind = 'gateway'
    returning attempt_no into v_no;
    return v_no;
end;
$function$;

comment on function oms.record_attempt(run.runs, oms.outbox, text, timestamptz) is
$$Writes the attempt row with the gate verdicts and the gateway's lease it rests on; gives its number.
Why: each submit refers to five OPEN gate rows by foreign key, and a second one to an absence proof. A
cancel rests on no gate; an order that flattens on two, and on the position that it lowers.
Raises: 23503 a gate row is shut, or no proof of absence; 23502 no gateway leads;
23514 a gate or the lease has expired.$$;

create or replace function oms.derive_request_name(
    p_row             oms.outbox,
    p_client_order_id text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case p_row.request_kind
               when 'REPLACE' then p_client_order_id || '-r' || (
                    select count(*) from oms.outbox as b
                     where b.run_id = p_row.run_id and b.order_id = p_row.order_id
                       and b.request_kind = 'REPLACE' and b.outbox_id <= p_row.outbox_id)
               else p_client_order_id end;
$function$;

comment on function oms.derive_request_name(oms.outbox, text) is
$$The name under which a request goes out: the order's, and for its nth replacement with -rn.
Why: a broker gives a replacement without a name of ours one of its own.$$;

create or replace function oms.get_permit(
    p_run_id      uuid,
    p_outbox_id   bigint,
    p_attempt_no  integer,
    p_now_at      timestamptz
)
returns table (
    request_kind       text,
    client_order_id    text,
    broker_order_id    text,
    account_id         text,
    symbol             text,
    order_qty          bigint,
    order_type         text,
    limit_price_micros bigint,
    stop_price_micros  bigint,
    time_in_force      text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_attempt oms.attempts;
    v_why     text;
begin
    perform run.lock_run(p_run_id, false, p_now_at);
    select a.* into v_attempt from oms.attempts as a
     where a.run_id = p_run_id and a.outbox_id = p_outbox_id and a.attempt_no = p_attempt_no;
    perform core.assert_that(found, 'MQN06', format('%s attempt %s', p_outbox_id, p_attempt_no));
    select case
        when v_attempt.begun_xid = pg_current_xact_id() then 'asked in the same transaction'
        when pg_current_wal_flush_lsn() < v_attempt.wal_lsn then 'not durable yet'
        when run.clamp_now(p_run_id, p_now_at) >= v_attempt.permit_expires_at then 'too late'
        when not exists (
            select from run.leases as l
             where (l.engine_id, l.account_id, l.worker_kind, l.lease_epoch)
                   = (r.engine_id, r.account_id, v_attempt.lease_kind, v_attempt.lease_epoch))
        then 'begun under another lease'
        when v_attempt.begun_by <> session_user then 'asked by another login'
        when o.outbox_status <> 'DISPATCHING' then 'the row is ' || o.outbox_status
        when o.lane = 'REDUCING' and not oms.is_reducing(o) then 'it would not reduce the position'
        when o.request_kind = 'SUBMIT' then oms.find_run_defect(r, o.lane) end
      into v_why
      from oms.outbox as o join run.runs as r using (run_id)
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id
       for update of o;
    insert into oms.permits (run_id, outbox_id, attempt_no, permitted_to, permitted_at)
    select p_run_id, p_outbox_id, p_attempt_no, session_user, p_now_at
     where v_why is null
    on conflict (run_id, outbox_id, attempt_no) do nothing;
    perform core.assert_that(found, 'MQG02', coalesce(v_why, 'given before'));
    return query select b.request_kind, oms.derive_request_name(b, o.client_order_id),
           case when b.request_kind <> 'SUBMIT' then oms.get_broker_order_id(o.run_id, o.order_id) end,
           o.account_id, o.symbol, o.order_qty, o.order_type, o.limit_price_micros,
           coalesce(b.stop_price_micros, o.stop_price_micros), o.time_in_force
      from oms.outbox as b
      join oms.orders as o using (run_id, order_id)
     where b.run_id = p_run_id and b.outbox_id = p_outbox_id;
end;
$function$;

comment on function oms.get_permit(uuid, bigint, integer, timestamptz) is
$$Tells the worker what to send (a change: of which order at the broker), once, in a transaction after
the one that began the attempt.
Why: nobody learns what to send before the intent to send it is on disk and all gates were open.
Raises: MQN06; MQG02 same transaction, not durable, too late, another lease,
other login, given before, not running, not reducing any more.$$;

create or replace function oms.confirm_sent(
    p_run_id          uuid,
    p_outbox_id       bigint,
    p_broker_order_id text,
    p_reason          text,
    p_now_at          timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_seq bigint;
begin
    v_seq := oms.move_outbox(p_run_id, p_outbox_id, 'SENT', null, p_reason, p_now_at);
    insert into oms.broker_map (
        run_id, outbox_id, account_id, broker_order_id, sent_seq, mapped_at)
    select p_run_id, p_outbox_id, o.account_id, p_broker_order_id, v_seq, p_now_at
      from oms.outbox as b
      join oms.orders as o using (run_id, order_id)
     where b.run_id = p_run_id and b.outbox_id = p_outbox_id;
end;
$function$;

comment on function oms.confirm_sent(uuid, bigint, text, text, timestamptz) is
$$Marks an order as held by the broker and maps the broker's name for it, in one transaction.
Raises: 23503 the row was never dispatched; 23505 the broker's id names another order.$$;

create or replace function oms.map_successor(
    p_run_id          uuid,
    p_outbox_id       bigint,
    p_broker_order_id text,
    p_now_at          timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into oms.broker_map (
        run_id, outbox_id, account_id, broker_order_id, replaces_id, sent_seq, mapped_at)
    select p_run_id, p_outbox_id, o.account_id, p_broker_order_id,
           oms.get_broker_order_id(o.run_id, o.order_id), b.status_seq, p_now_at
      from oms.outbox as b
      join oms.orders as o using (run_id, order_id)
     where b.run_id = p_run_id and b.outbox_id = p_outbox_id
    on conflict (account_id, broker_order_id) do nothing;
$function$;

comment on function oms.map_successor(uuid, bigint, text, timestamptz) is
$$Maps the order that the broker put in the place of one of ours, as its answer to our replace says; a
broker that keeps the id of the order adds nothing.$$;

create or replace function oms.mark_sent(
    p_run_id          uuid,
    p_outbox_id       bigint,
    p_broker_order_id text,
    p_now_at          timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_status text;
    v_kind   text;
begin
    perform run.lock_run(p_run_id, false, p_now_at);
    select o.outbox_status, o.request_kind into v_status, v_kind from oms.outbox as o
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id for update;
    perform core.assert_that(found, 'MQN06', p_outbox_id::text);
    if v_kind <> 'SUBMIT' then
        if v_status = 'DISPATCHING' then
            perform oms.move_outbox(
                p_run_id, p_outbox_id, 'SENT', null, 'the broker took the request', p_now_at);
            perform oms.map_successor(p_run_id, p_outbox_id, p_broker_order_id, p_now_at)
              where v_kind = 'REPLACE';
        end if;
        return v_status = 'DISPATCHING';
    elsif v_status in ('SENT', 'ACKED') then
        perform core.assert_that(
            exists (select from oms.broker_map as m
                     where m.run_id = p_run_id and m.outbox_id = p_outbox_id
                       and m.broker_order_id = p_broker_order_id),
            'MQS03', v_status || ' under another broker id');
        return false;
    end if;
    perform core.assert_that(v_status in ('DISPATCHING', 'AMBIGUOUS'), 'MQS03', v_status);
    perform oms.confirm_sent(p_run_id, p_outbox_id, p_broker_order_id, 'broker has it', p_now_at);
    return true;
end;
$function$;

comment on function oms.mark_sent(uuid, bigint, text, timestamptz) is
$$The broker has the order: its answer to the submit, or a look-up by client_order_id, says so. Or it
has taken the request to cancel or replace one, which is not yet done.
False when that was known already (an event may have come first).
Raises: MQN06; MQS03 the row was not dispatched, or is known under another id.$$;

create or replace function oms.count_halt_refusals(
    p_run_id   uuid,
    p_order_id uuid
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select count(b.outbox_id)
      from run.runs as r
      join run.run_history as h on h.run_id = r.run_id and h.history_seq = r.status_seq
      left join oms.outbox as b
        on b.run_id = r.run_id and b.order_id = p_order_id and b.request_kind = 'CANCEL'
       and b.outbox_status = 'FAILED' and b.enqueued_at >= h.moved_at
     where r.run_id = p_run_id and r.run_status = 'HALTED'
     group by r.run_id;
$function$;

comment on function oms.count_halt_refusals(uuid, uuid) is
$$How often the broker refused to end an order since its run was halted; null for a run that is not.$$;

create or replace function oms.tell_refused_cancel(
    p_row    oms.outbox,
    p_reason text,
    p_now_at timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select audit.append_event(
               o.run_id, 'OMS', 'CANCEL_GIVEN_UP',
               jsonb_build_object('client_order_id', o.client_order_id, 'symbol', o.symbol,
                                  'open_qty', o.leaves_qty, 'reason', p_reason), p_now_at)
      from oms.orders as o
     where o.run_id = p_row.run_id and o.order_id = p_row.order_id and p_row.request_kind = 'CANCEL'
       and oms.is_unfinished(o)
       and oms.count_halt_refusals(o.run_id, o.order_id) = 3;
$function$;

comment on function oms.tell_refused_cancel(oms.outbox, text, timestamptz) is
$$Tells the diary, and so a person, that an order of a halted run works on: its cancel was refused for the
third time since the halt and is not asked for again by itself.$$;

create or replace function oms.mark_failed(
    p_run_id    uuid,
    p_outbox_id bigint,
    p_reason    text,
    p_now_at    timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row oms.outbox;
begin
    perform run.lock_run(p_run_id, true, p_now_at);
    select o.* into v_row from oms.outbox as o
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id for update;
    perform core.assert_that(found, 'MQN06', p_outbox_id::text);
    perform core.assert_that(v_row.outbox_status = 'DISPATCHING', 'MQS03', v_row.outbox_status);
    perform oms.fail_order(
        v_row, 'REJECTED', left('broker refused: ' || p_reason, 300), p_now_at);
    if v_row.request_kind = 'SUBMIT' then
        perform risk.record_reject(p_run_id, v_row.order_id::text, p_now_at);
        perform risk.evaluate(p_run_id, p_now_at);
    else
        perform oms.tell_refused_cancel(v_row, p_reason, p_now_at);
    end if;
end;
$function$;

comment on function oms.mark_failed(uuid, bigint, text, timestamptz) is
$$The broker refused the request in a definite answer. A refused order counts towards the reject storm;
a refused cancel ends nothing: the order has ended, or it goes on, as its events say.
Raises: MQN06; MQS03 the row is not being dispatched.$$;

create or replace function oms.mark_ambiguous(
    p_run_id    uuid,
    p_outbox_id bigint,
    p_reason    text,
    p_now_at    timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row oms.outbox;
begin
    perform run.lock_run(p_run_id, true, p_now_at);
    select o.* into v_row from oms.outbox as o
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id for update;
    perform core.assert_that(found, 'MQN06', p_outbox_id::text);
    if v_row.outbox_status <> 'DISPATCHING' then
        return;
    elsif v_row.request_kind <> 'SUBMIT' then
        perform oms.move_outbox(
            p_run_id, p_outbox_id, 'PENDING', null, left('asked again: ' || p_reason, 300), p_now_at);
    else
        perform oms.move_outbox(
            p_run_id, p_outbox_id, 'AMBIGUOUS', null, left(p_reason, 300), p_now_at);
        perform run.halt_run(
            p_run_id, 'UNRESOLVED_ORDER', left('AMBIGUOUS_SUBMIT: ' || p_reason, 300),
            jsonb_build_object('outbox_id', p_outbox_id), p_now_at);
    end if;
end;
$function$;

comment on function oms.mark_ambiguous(uuid, bigint, text, timestamptz) is
$$Nobody knows whether the broker has the order: the row waits for evidence and the run is halted. A
change is simply asked again: twice does no harm.
Why: a timeout after the broker accepted is how orders are sent twice.
Raises: MQN06.$$;

create or replace function oms.mark_not_sent(
    p_run_id     uuid,
    p_outbox_id  bigint,
    p_attempt_no integer,
    p_reason     text,
    p_not_before_at timestamptz,
    p_now_at     timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row oms.outbox;
begin
    perform run.lock_run(p_run_id, false, p_now_at);
    select o.* into v_row from oms.outbox as o
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id for update;
    perform core.assert_that(found, 'MQN06', p_outbox_id::text);
    perform core.assert_that(v_row.outbox_status = 'DISPATCHING', 'MQS03', v_row.outbox_status);
    perform core.assert_that(
        p_not_before_at is null or p_not_before_at <= p_now_at + interval '1 hour', 'MQA02',
        'held at most an hour');
    if v_row.request_kind = 'SUBMIT' then
        insert into oms.absence_proofs (
            run_id, outbox_id, attempt_no, proof_kind, misses, first_miss_at, last_miss_at, evidence,
            proven_by, proven_at)
        values (p_run_id, p_outbox_id, p_attempt_no, 'NOT_TAKEN', 0, p_now_at, p_now_at,
                to_jsonb(left(p_reason, 300)), session_user, p_now_at);
    end if;
    update oms.outbox as o set not_before_at = p_not_before_at
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id;
    perform oms.release_order(
        p_run_id, p_outbox_id, left('not taken: ' || p_reason, 300), p_now_at);
    perform audit.append_event(
        p_run_id, 'OMS', 'REQUEST_HELD',
        jsonb_build_object('outbox_id', p_outbox_id,
                           'not_before_at', core.format_iso(p_not_before_at)), p_now_at);
end;
$function$;

comment on function oms.mark_not_sent(uuid, bigint, integer, text, timestamptz, timestamptz) is
$$The broker certainly did not take the request (no connection, too many requests): the row is PENDING
again, held until p_not_before_at if the broker named a time. The reason is the proof that a second attempt
needs; it goes out under the same name.
Raises: MQN06; MQS03 the row is not being dispatched; MQA02 held for more than an hour.$$;

create or replace function oms.compute_pause(
    p_misses bigint
)
returns interval
language sql
immutable
parallel safe
return (array['0 s', '0.5 s', '1 s', '2 s', '4 s', '8 s', '15 s', '30 s']::interval[])[
    least(p_misses, 7) + 1];

comment on function oms.compute_pause(bigint) is
$$How long to wait after so many look-ups that did not find an order: 0.5 s, doubling, up to 30 s.
Why: a broker in trouble is not helped by being asked at every tick.$$;

create or replace function oms.list_doubts(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    outbox_id       bigint,
    attempt_no      integer,
    client_order_id text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select o.outbox_id, a.attempt_no, r.client_order_id
      from oms.outbox as o
      join oms.orders as r using (run_id, order_id)
      cross join lateral (
           select max(a.attempt_no) as attempt_no from oms.attempts as a
            where a.run_id = o.run_id and a.outbox_id = o.outbox_id) as a
      cross join lateral (
           select count(*) as misses, max(m.looked_up_at) as last_at
             from oms.absence_misses as m
            where m.run_id = o.run_id and m.outbox_id = o.outbox_id
              and m.attempt_no = a.attempt_no) as m
     where o.run_id = p_run_id
       and o.outbox_status = 'AMBIGUOUS'
       and coalesce(m.last_at + oms.compute_pause(m.misses) <= p_now_at, true)
     order by o.outbox_id;
$function$;

comment on function oms.list_doubts(uuid, timestamptz) is
$$Orders of which nobody knows whether the broker has them and whose next look-up is due.$$;

create or replace function oms.cancel_halted(
    p_run_id uuid,
    p_now_at timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select oms.cancel_order(o, 'the run is halted', p_now_at)
      from oms.orders as o
      join oms.outbox as s
        on s.run_id = o.run_id and s.order_id = o.order_id and s.request_kind = 'SUBMIT'
       and s.outbox_status in ('SENT', 'ACKED') and s.lane = 'GATED'
      join run.runs as r on r.run_id = o.run_id
      join run.run_history as h on h.run_id = r.run_id and h.history_seq = r.status_seq
     where o.run_id = p_run_id
       and o.time_in_force = 'DAY'
       and o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED', 'DONE_FOR_DAY')
       and oms.count_halt_refusals(p_run_id, o.order_id) < 3
       and not exists (select from oms.outbox as b
                        where b.run_id = o.run_id and b.order_id = o.order_id
                          and b.request_kind = 'CANCEL' and b.enqueued_at >= h.moved_at
                          and b.enqueued_at + oms.compute_pause(
                                  3 * oms.count_halt_refusals(p_run_id, o.order_id)) > p_now_at);
$function$;

comment on function oms.cancel_halted(uuid, timestamptz) is
$$Asks for the end of every open order of a halted run that the broker holds. A cancel that
the broker refuses is asked for again after 2 s and after 15 s more; then a person is told. Stops that
protect a position stay, and so do orders that flatten one.
Why: a halt that leaves orders working has stopped nothing; one that asks for ever is a loop.$$;

create or replace function oms.list_unresolved(
    p_run_id      uuid,
    p_worker_name text,
    p_now_at      timestamptz
)
returns table (
    outbox_id       bigint,
    attempt_no      integer,
    client_order_id text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
    v_now timestamptz;
    v_row record;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    v_now := run.clamp_now(p_run_id, p_now_at);
    for v_row in
        select o.outbox_id, o.outbox_status
          from oms.outbox as o
         where o.run_id = p_run_id
           and (o.outbox_status = 'CLAIMED'
                and (o.claimed_by = p_worker_name or o.claimed_at <= v_now - interval '60 s')
                or o.outbox_status = 'DISPATCHING'
                and (o.claimed_by = p_worker_name or o.claimed_at <= v_now - interval '10 s'))
         order by o.outbox_id
           for update
    loop
        if v_row.outbox_status = 'CLAIMED' then
            perform oms.move_outbox(
                p_run_id, v_row.outbox_id, 'PENDING', null, 'its worker has gone', p_now_at);
        else
            perform oms.mark_ambiguous(
                p_run_id, v_row.outbox_id, 'its worker has gone', p_now_at);
        end if;
    end loop;
    if v_run.run_status = 'HALTED' then
        perform oms.cancel_halted(p_run_id, p_now_at);
    end if;
    return query select d.* from oms.list_doubts(p_run_id, v_now) as d;
end;
$function$;

comment on function oms.list_unresolved(uuid, text, timestamptz) is
$$First act of a gateway: rows a dead worker left (its own name: at once) go back to PENDING when only
claimed, to AMBIGUOUS when dispatching; gives every AMBIGUOUS row whose look-up at the broker is due. The
open orders of a halted run are asked to end.
Why: before anything else is done after a crash, it must be known what the broker holds.$$;

create or replace function oms.record_absence(
    p_run_id        uuid,
    p_outbox_id     bigint,
    p_attempt_no    integer,
    p_broker_orders jsonb,
    p_now_at        timestamptz
)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_name   text;
    v_misses record;
begin
    perform run.lock_run(p_run_id, false, p_now_at);
    select r.client_order_id into v_name
      from oms.outbox as o join oms.orders as r using (run_id, order_id)
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id and o.outbox_status = 'AMBIGUOUS'
       for update of o;
    perform core.assert_that(found, 'MQS03', 'the row is not AMBIGUOUS');
    perform core.assert_that(
        jsonb_typeof(p_broker_orders) = 'array' and not p_broker_orders ? v_name, 'MQS03',
        'the broker holds the order');
    insert into oms.absence_misses (
        run_id, outbox_id, attempt_no, miss_no, looked_up_by, looked_up_at)
    select p_run_id, p_outbox_id, p_attempt_no, count(*) + 1, session_user, p_now_at
      from oms.absence_misses as m
     where m.run_id = p_run_id and m.outbox_id = p_outbox_id and m.attempt_no = p_attempt_no
    having coalesce(max(m.looked_up_at) + oms.compute_pause(count(*)) <= p_now_at, true);
    select count(*)::integer as misses, min(m.looked_up_at) as first_at,
           max(m.looked_up_at) as last_at
      into v_misses
      from oms.absence_misses as m
     where m.run_id = p_run_id and m.outbox_id = p_outbox_id and m.attempt_no = p_attempt_no;
    if v_misses.misses >= 3 and v_misses.last_at >= v_misses.first_at + interval '10 s' then
        insert into oms.absence_proofs (
            run_id, outbox_id, attempt_no, proof_kind, misses, first_miss_at, last_miss_at, evidence,
            proven_by, proven_at)
        values (p_run_id, p_outbox_id, p_attempt_no, 'LOOKED_UP', v_misses.misses, v_misses.first_at,
                v_misses.last_at, p_broker_orders, session_user, p_now_at);
        perform oms.release_order(
            p_run_id, p_outbox_id, 'proven absent at the broker', p_now_at);
    end if;
    return v_misses.misses;
end;
$function$;

comment on function oms.record_absence(uuid, bigint, integer, jsonb, timestamptz) is
$$Counts a look-up that did not find the order, unless it came too soon; p_broker_orders is the broker's
whole list of client_order_ids. Three misses over 10 s or more are a proof: the row is PENDING again.
Why: a second attempt needs evidence, and carries the same client_order_id.
Raises: MQS03 the row is not ambiguous, or the list holds the order.$$;

create or replace function oms.is_known_event(
    p_event_kind text
)
returns boolean
language sql
immutable
parallel safe
return p_event_kind in (
    'pending_new', 'accepted', 'new', 'held', 'accepted_for_bidding', 'stopped', 'suspended',
    'pending_review', 'calculated', 'restated', 'partial_fill', 'fill', 'done_for_day', 'canceled',
    'expired', 'rejected', 'pending_cancel', 'order_cancel_rejected', 'pending_replace', 'replaced',
    'order_replace_rejected', 'trade_bust', 'trade_correct');

comment on function oms.is_known_event(text) is
$$True for the broker events whose meaning we know.$$;

create or replace function oms.is_fill(
    p_message oms.inbox
)
returns boolean
language sql
immutable
parallel safe
return p_message.event_kind in ('partial_fill', 'fill', 'trade_correct')
       or not oms.is_known_event(p_message.event_kind)
          and num_nulls((p_message).execution_id, (p_message).event_qty, (p_message).price_micros) = 0;

comment on function oms.is_fill(oms.inbox) is
$$True for a message that brings an execution: by its kind, or, when the kind is unknown to us, by what
it carries. Why: money that moved is booked, whatever the broker calls it.$$;

create or replace function oms.find_order(
    p_run_id     uuid,
    p_account_id text,
    p_message    jsonb
)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order_id uuid;
begin
    select o.order_id into v_order_id
      from oms.orders as o
     where o.client_order_id = regexp_replace(p_message ->> 'client_order_id', '-r\d+$', '')
       and o.run_id = p_run_id and o.account_id = p_account_id;
    if v_order_id is null then
        select b.order_id into v_order_id
          from oms.broker_map as m
          join oms.outbox as b using (run_id, outbox_id)
         where m.account_id = p_account_id and m.run_id = p_run_id
           and m.broker_order_id in (p_message ->> 'broker_order_id', p_message ->> 'replaces')
         order by m.broker_order_id = p_message ->> 'broker_order_id' desc
         limit 1;
    end if;
    return v_order_id;
end;
$function$;

comment on function oms.find_order(uuid, text, jsonb) is
$$The order that a broker message is about: by our name, by the broker's, or by that of the order in
whose place the broker put this one; null when it is none of this run's.$$;

create or replace function oms.parse_message(
    p_run_id     uuid,
    p_account_id text,
    p_message    jsonb,
    p_now_at     timestamptz
)
returns oms.inbox
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row oms.inbox;
begin
    v_row.run_id := p_run_id;
    v_row.account_id := p_account_id;
    v_row.broker_message_id := coalesce(
        p_message ->> 'message_id', 'unnamed:' || core.hash_text(p_message::text));
    v_row.event_kind := coalesce(p_message ->> 'event', 'none');
    v_row.broker_order_id := p_message ->> 'broker_order_id';
    v_row.client_order_id := p_message ->> 'client_order_id';
    v_row.order_id := oms.find_order(p_run_id, p_account_id, p_message);
    v_row.execution_id := p_message ->> 'execution_id';
    v_row.event_qty := core.parse_shares(p_message ->> 'qty');
    v_row.price_micros := core.parse_micros(p_message ->> 'price');
    v_row.fee_micros := core.parse_micros(coalesce(p_message ->> 'fee', '0'));
    v_row.cum_qty := core.parse_shares(p_message ->> 'cum_qty');
    v_row.position_qty := core.parse_shares(p_message ->> 'position_qty');
    v_row.total_qty := core.parse_shares(p_message ->> 'order_qty');
    v_row.previous_id := p_message ->> 'previous_execution_id';
    v_row.replaces_id := p_message ->> 'replaces';
    v_row.replaced_by_id := p_message ->> 'replaced_by';
    v_row.event_at := core.parse_time(p_message ->> 'at');
    v_row.raw := coalesce(p_message -> 'raw', p_message);
    v_row.received_at := p_now_at;
    v_row.disposition := 'APPLIED';
    v_row.reason := coalesce(p_message ->> 'reason', v_row.event_kind);
    v_row.recount_no := num_nonnulls(v_row.previous_id) + (
        select count(*) from oms.inbox as i
         where i.run_id = p_run_id and i.order_id = v_row.order_id and i.previous_id is not null
           and i.disposition in ('APPLIED', 'STALE', 'NOTED')
           and (i.event_at <= v_row.event_at) is not false);
    return v_row;
end;
$function$;

comment on function oms.parse_message(uuid, text, jsonb, timestamptz) is
$$A broker message as an inbox row with its order looked up; unreadable values are null. Keys:
message_id, event, broker_order_id, client_order_id, execution_id, qty, price, fee, cum_qty,
position_qty, order_qty, previous_execution_id, replaces, replaced_by, at, reason, raw; numbers as text.
Why by the broker's time: what happened before a bust or a correction counts as it did then, however late it
comes.$$;

create or replace function oms.find_defect(
    p_message oms.inbox
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    if p_message.order_id is null then
        return case when not oms.is_fill(p_message) and exists (
                        select from oms.orders as o
                         where o.client_order_id = p_message.client_order_id
                           and o.account_id = p_message.account_id)
                    then 'EARLIER_RUN' else 'UNKNOWN_ORDER' end;
    elsif exists (
        select from oms.outbox as b
         where b.run_id = p_message.run_id and b.order_id = p_message.order_id
           and b.request_kind = 'SUBMIT' and b.outbox_status in ('PENDING', 'CLAIMED'))
    then
        return 'NEVER_DISPATCHED';
    elsif p_message.broker_order_id is null then
        return 'NO_BROKER_ORDER_ID';
    elsif p_message.replaces_id is null and (
        select bool_or(m.broker_order_id = p_message.broker_order_id)
          from oms.outbox as b
          join oms.broker_map as m using (run_id, outbox_id)
         where b.run_id = p_message.run_id and b.order_id = p_message.order_id) = false
    then
        return 'OTHER_BROKER_ORDER';
    end if;
    return case
        when oms.is_fill(p_message) and (
                num_nulls(p_message.execution_id, p_message.event_qty, p_message.price_micros,
                          p_message.fee_micros, p_message.cum_qty, p_message.event_at) > 0
                or p_message.event_qty not between 1 and 1000000000
                or p_message.price_micros not between 1 and 10000000000000
                or p_message.fee_micros not between 0 and 4000000000000000
                or p_message.event_at <= (
                    select i.bar_end_at
                      from oms.orders as o join oms.intents as i using (run_id, intent_id)
                     where o.run_id = p_message.run_id and o.order_id = p_message.order_id))
            then 'BAD_FILL'
        when p_message.event_kind in ('trade_bust', 'trade_correct')
             and num_nulls(p_message.previous_id, p_message.event_at) > 0
            then 'BAD_REVERSAL' end;
end;
$function$;

comment on function oms.find_defect(oms.inbox) is
$$Why a broker message cannot be believed, or null. Fractional shares, a missing price, a fill of an
order we never sent and one from before the bar that it was decided on are defects: the message is kept
and the run halted. EARLIER_RUN is none: news
without a fill of an order that an earlier run of the account gave.$$;

create or replace function oms.find_twin(
    p_message oms.inbox
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    return (
    select case
        when (i.event_qty, i.price_micros, i.fee_micros, i.order_id)
             = (p_message.event_qty, p_message.price_micros, p_message.fee_micros,
                p_message.order_id)
             and (i.fill_key = p_message.execution_id or i.cum_key = p_message.cum_qty)
            then 'DUPLICATE'
        else 'CONTRADICTION' end
      from oms.inbox as i
     where i.account_id = p_message.account_id
       and (i.fill_key = p_message.execution_id
            or i.broker_order_id = p_message.broker_order_id
               and i.recount_no = p_message.recount_no
               and i.cum_key > p_message.cum_qty - p_message.event_qty
               and i.cum_key - i.event_qty < p_message.cum_qty)
     order by (i.fill_key = p_message.execution_id) desc, (i.cum_key = p_message.cum_qty) desc
     limit 1);
end;
$function$;

comment on function oms.find_twin(oms.inbox) is
$$Whether a fill was booked before: DUPLICATE (same terms), CONTRADICTION (other terms, or shares of the
order's cumulative count that another execution has filled), or null.
Why: the same fill comes by several ways and under several message ids; it is booked once.$$;

create or replace function oms.reverse_fill(
    p_message      oms.inbox,
    p_execution_id text,
    p_now_at       timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_fill_seq bigint;
    v_done     boolean;
begin
    select f.fill_seq, r.fill_seq is not null into v_fill_seq, v_done
      from ledger.fills as f
      left join ledger.fills as r on r.run_id = f.run_id and r.reverses_seq = f.fill_seq
     where f.run_id = p_message.run_id and f.account_id = p_message.account_id
       and f.execution_id = p_execution_id;
    if v_fill_seq is null then
        perform run.halt_run(
            p_message.run_id, 'DESYNC',
            format('UNKNOWN_EXECUTION: %s takes back %s', p_message.event_kind, p_execution_id),
            jsonb_build_object('execution_id', p_execution_id), p_now_at);
        return null;
    elsif v_done then
        return null;
    end if;
    return ledger.post_reversal(p_message.run_id, v_fill_seq, p_message.event_at, p_now_at);
end;
$function$;

comment on function oms.reverse_fill(oms.inbox, text, timestamptz) is
$$Takes back a booked execution; gives the reversing row, null when it was taken back before. One that
we never booked halts the run; should it still come, it is taken back then.$$;

create or replace function oms.apply_fill(
    p_message oms.inbox,
    p_order   oms.orders,
    p_now_at  timestamptz
)
returns oms.inbox
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row    oms.inbox := p_message;
    v_late   boolean := p_order.order_status in ('CANCELED', 'EXPIRED', 'REJECTED', 'DONE_FOR_DAY');
    v_wrong  ledger.fills;
    v_taken  text;
begin
    if p_message.previous_id is not null then
        select f.* into v_wrong from ledger.fills as f
         where f.account_id = p_order.account_id and f.execution_id = p_message.previous_id;
    end if;
    v_row.fill_seq := ledger.post_fill(
        p_run_id => p_order.run_id, p_account_id => p_order.account_id,
        p_execution_id => p_message.execution_id, p_client_order_id => p_order.client_order_id,
        p_symbol => p_order.symbol,
        p_fill_qty => sign(p_order.order_qty)::bigint * p_message.event_qty,
        p_price_micros => p_message.price_micros, p_fee_micros => p_message.fee_micros,
        p_is_late => v_late, p_corrects_seq => v_wrong.fill_seq,
        p_executed_at => coalesce(v_wrong.executed_at, p_message.event_at), p_now_at => p_now_at);
    v_row.reason := case when v_late then 'late fill, booked' else 'fill booked' end;
    select i.event_kind into v_taken from oms.inbox as i
     where i.run_id = p_order.run_id and i.previous_id = p_message.execution_id
       and i.disposition <> 'DUPLICATE'
     limit 1;
    if found then
        v_row.reversal_seq := oms.reverse_fill(v_row, p_message.execution_id, p_now_at);
        v_row.reason := format('booked, and taken back by the %s before it', v_taken);
    end if;
    return v_row;
end;
$function$;

comment on function oms.apply_fill(oms.inbox, oms.orders, timestamptz) is
$$Books the execution of a message, signed as its order. One that comes after the end of its order is
booked and flagged; a correction stands at the time of what it corrects; a fill whose bust came first
is booked and taken back.
Why: money that moved is a fact; refusing to book it would hide it.$$;

create or replace function oms.check_position(
    p_message oms.inbox,
    p_now_at  timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_fill ledger.fills;
    v_held bigint;
begin
    if num_nulls(p_message.fill_seq, p_message.position_qty) > 0 then
        return;
    end if;
    select f.* into v_fill from ledger.fills as f
     where f.run_id = p_message.run_id and f.fill_seq = p_message.fill_seq;
    if not found or not ledger.is_newest_fill(v_fill)
       or oms.find_action_defect(v_fill.run_id, v_fill.symbol, p_now_at) is not null
       or exists (select from oms.orders as o
                   where o.run_id = v_fill.run_id and o.symbol = v_fill.symbol and o.gap_qty > 0)
    then
        return;
    end if;
    v_held := ledger.get_position_qty(v_fill.run_id, v_fill.symbol);
    if v_held <> p_message.position_qty then
        perform run.halt_run(
            v_fill.run_id, 'DESYNC',
            format('POSITION_DIFFERS: the broker holds %s %s, the books %s',
                   p_message.position_qty, v_fill.symbol, v_held),
            jsonb_build_object('symbol', v_fill.symbol, 'ours_qty', v_held,
                               'theirs_qty', p_message.position_qty), p_now_at);
    end if;
end;
$function$;

comment on function oms.check_position(oms.inbox, timestamptz) is
$$Compares the position that a fill brings with ours, in the transaction that books it; a difference
halts. Skipped while a fill is known to be missing or a corporate action is due,
and for a fill that is not the symbol's newest.
Why: a fill that never came shows here, before the next snapshot.$$;

create or replace function oms.close_requests(
    p_message oms.inbox,
    p_now_at  timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order oms.orders;
    v_row   oms.outbox;
    v_ended boolean;
    v_to    text;
begin
    select b.* into v_row from oms.outbox as b
     where b.run_id = p_message.run_id and b.order_id = p_message.order_id
       and b.request_kind <> 'SUBMIT' and b.outbox_status not in ('ACKED', 'FAILED')
       for update;
    if not found then
        return;
    end if;
    select o.* into strict v_order from oms.orders as o
     where o.run_id = p_message.run_id and o.order_id = p_message.order_id;
    v_ended := v_order.order_status in ('FILLED', 'CANCELED', 'EXPIRED', 'REJECTED');
    v_to := case
        when v_row.outbox_status in ('PENDING', 'CLAIMED', 'AMBIGUOUS') and v_ended then 'FAILED'
        when v_row.outbox_status is distinct from 'SENT' then null
        when v_row.request_kind = 'CANCEL' and v_ended then 'ACKED'
        when v_row.request_kind = 'REPLACE' and p_message.event_kind = 'replaced' then 'ACKED'
        when v_ended or p_message.event_kind = case v_row.request_kind
                            when 'CANCEL' then 'order_cancel_rejected'
                            else 'order_replace_rejected' end then 'FAILED' end;
    if v_to is not null then
        perform oms.move_outbox(
            v_row.run_id, v_row.outbox_id, v_to, null,
            'answered by ' || p_message.event_kind, p_now_at);
        perform oms.settle_order(v_order, p_message, 'the request is answered', p_now_at);
        perform oms.tell_refused_cancel(v_row, p_message.event_kind, p_now_at) where v_to = 'FAILED';
    end if;
end;
$function$;

comment on function oms.close_requests(oms.inbox, timestamptz) is
$$Ends the cancel or replace of an order once the broker's events have answered it.
Why: no request stays open for ever; a cancel of an order that has ended is done.$$;

create or replace function oms.acknowledge(
    p_message oms.inbox,
    p_now_at  timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row oms.outbox;
begin
    select o.* into strict v_row from oms.outbox as o
     where o.run_id = p_message.run_id and o.order_id = p_message.order_id
       and o.request_kind = 'SUBMIT'
       for update;
    if v_row.outbox_status in ('DISPATCHING', 'AMBIGUOUS') and p_message.replaces_id is null then
        perform oms.confirm_sent(
            v_row.run_id, v_row.outbox_id, p_message.broker_order_id, 'seen in a broker event',
            p_now_at);
        v_row.outbox_status := 'SENT';
    end if;
    if v_row.outbox_status = 'SENT' then
        perform oms.move_outbox(
            v_row.run_id, v_row.outbox_id, 'ACKED', null, 'acknowledged by ' || p_message.event_kind,
            p_now_at);
    end if;
    if p_message.replaces_id is not null then
        insert into oms.broker_map (
            run_id, outbox_id, account_id, broker_order_id, replaces_id, sent_seq, mapped_at)
        select m.run_id, m.outbox_id, m.account_id, p_message.broker_order_id, m.broker_order_id,
               m.sent_seq, p_now_at
          from oms.broker_map as m
         where m.account_id = p_message.account_id and m.broker_order_id = p_message.replaces_id
        on conflict (account_id, broker_order_id) do nothing;
    end if;
end;
$function$;

comment on function oms.acknowledge(oms.inbox, timestamptz) is
$$Any believable event of an order proves that the broker has it: the outbox row ends ACKED. An order
that the broker put in the place of one of ours is mapped, too.
Why: an event may come before the answer to the submit, or instead of it.$$;

create or replace function oms.apply_event(
    p_message oms.inbox,
    p_now_at  timestamptz
)
returns oms.inbox
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row   oms.inbox := p_message;
    v_order oms.orders;
    v_moved boolean;
begin
    select o.* into strict v_order from oms.orders as o
     where o.run_id = p_message.run_id and o.order_id = p_message.order_id for update;
    if p_message.event_kind in ('trade_bust', 'trade_correct') then
        v_row.reversal_seq := oms.reverse_fill(v_row, v_row.previous_id, p_now_at);
    end if;
    if oms.is_fill(v_row) then
        v_row := oms.apply_fill(v_row, v_order, p_now_at);
    end if;
    v_moved := oms.settle_order(v_order, v_row, v_row.reason, p_now_at);
    if not oms.is_known_event(v_row.event_kind) then
        v_row.disposition := 'NOTED';
        v_row.reason := 'an event that we do not know';
    elsif not v_moved and num_nonnulls(v_row.fill_seq, v_row.reversal_seq) = 0 then
        v_row.disposition := 'STALE';
        v_row.reason := format('%s after %s', v_row.event_kind, v_order.order_status);
    end if;
    perform oms.close_requests(v_row, p_now_at);
    perform oms.check_position(v_row, p_now_at);
    return v_row;
end;
$function$;

comment on function oms.apply_event(oms.inbox, timestamptz) is
$$Applies a message that is believed: books what it brings, takes back what it takes back, settles the
order, ends the cancel that it answers, and compares the broker's position with ours.$$;

create or replace function oms.apply_message(
    p_run_id     uuid,
    p_account_id text,
    p_message    jsonb,
    p_now_at     timestamptz
)
returns oms.inbox
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row oms.inbox := oms.parse_message(p_run_id, p_account_id, p_message, p_now_at);
    v_why text;
begin
    if exists (select from oms.inbox as i
                where i.account_id = p_account_id
                  and i.broker_message_id = v_row.broker_message_id)
    then
        v_row.disposition := 'DUPLICATE';
        v_row.reason := 'message seen before';
        return v_row;
    end if;
    v_why := oms.find_defect(v_row);
    if v_why is null and oms.is_fill(v_row) then
        v_why := oms.find_twin(v_row);
    end if;
    if v_why = 'DUPLICATE' then
        v_row.disposition := 'DUPLICATE';
        v_row.reason := 'fill booked before';
    elsif v_why = 'EARLIER_RUN' then
        v_row.disposition := 'NOTED';
        v_row.reason := 'an order of an earlier run of this account';
    elsif v_why is not null then
        v_row.disposition := 'QUARANTINED';
        v_row.reason := v_why;
        perform run.halt_run(
            p_run_id, 'DESYNC', format('%s: %s', v_why, left(v_row.broker_message_id, 200)),
            jsonb_build_object('message', p_message), p_now_at);
    else
        perform oms.acknowledge(v_row, p_now_at);
        v_row := oms.apply_event(v_row, p_now_at);
    end if;
    return oms.keep_message(v_row, p_now_at);
end;
$function$;

comment on function oms.apply_message(uuid, text, jsonb, timestamptz) is
$$Receives and applies one broker message in one go; gives its inbox row with the disposition: APPLIED,
DUPLICATE, STALE (says nothing new), NOTED (of a kind that we do not know, a fill in it is booked; or of
an earlier run's order) or QUARANTINED (kept, run halted).
Why: stored and applied in one transaction, so nothing is lost or counted twice between the two.$$;

create or replace function oms.follow_status(
    p_run_id    uuid,
    p_order_id  uuid,
    p_to_status text,
    p_reason    text,
    p_now_at    timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order oms.orders;
    v_row   oms.inbox;
    v_name  text := oms.get_broker_order_id(p_run_id, p_order_id);
    v_event text := case p_to_status when 'ACCEPTED' then 'new'
                                     when 'CANCELED' then 'canceled'
                                     when 'EXPIRED' then 'expired'
                                     when 'REJECTED' then 'rejected' end;
begin
    select o.* into strict v_order from oms.orders as o
     where o.run_id = p_run_id and o.order_id = p_order_id for update;
    v_row := oms.parse_message(p_run_id, v_order.account_id, jsonb_build_object(
        'message_id',
        format('snapshot:%s:%s:%s', v_order.client_order_id, v_order.status_seq, v_event),
        'event', v_event, 'client_order_id', v_order.client_order_id, 'broker_order_id', v_name,
        'at', core.format_iso(p_now_at), 'reason', p_reason), p_now_at);
    if num_nulls(v_name, v_event) > 0
       or not exists (
        select from oms.outbox as b
         where b.run_id = p_run_id and b.order_id = p_order_id and b.request_kind = 'SUBMIT'
           and b.outbox_status in ('SENT', 'ACKED'))
       or exists (
        select from oms.inbox as i
         where i.account_id = v_row.account_id and i.broker_message_id = v_row.broker_message_id)
       or not oms.settle_order(v_order, v_row, p_reason, p_now_at)
    then
        return null;
    end if;
    perform oms.acknowledge(v_row, p_now_at);
    perform oms.close_requests(v_row, p_now_at);
    perform oms.keep_message(v_row, p_now_at);
    return v_order.status_seq + 1;
end;
$function$;

comment on function oms.follow_status(uuid, uuid, text, text, timestamptz) is
$$Takes what a snapshot says of an order that the broker has as a message of the broker, without a fill;
gives the order's new history_seq, or null when it does not move.
Why: an order's state is what the broker said of it, by whatever way; what is filled, only an execution
may change.$$;

create or replace function oms.keep_message(
    p_message oms.inbox,
    p_now_at  timestamptz
)
returns oms.inbox
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_row oms.inbox;
begin
    insert into oms.inbox (
        run_id, account_id, broker_message_id, event_kind, broker_order_id, client_order_id,
        order_id, execution_id, event_qty, price_micros, fee_micros, cum_qty, position_qty,
        total_qty, previous_id, replaces_id, replaced_by_id, event_at, raw, received_at, disposition,
        reason, fill_seq, reversal_seq, recount_no)
    values (p_message.run_id, p_message.account_id, p_message.broker_message_id,
            p_message.event_kind, p_message.broker_order_id, p_message.client_order_id,
            p_message.order_id, p_message.execution_id, p_message.event_qty, p_message.price_micros,
            p_message.fee_micros, p_message.cum_qty, p_message.position_qty, p_message.total_qty,
            p_message.previous_id, p_message.replaces_id, p_message.replaced_by_id,
            p_message.event_at, p_message.raw, p_message.received_at, p_message.disposition,
            left(p_message.reason, 300), p_message.fill_seq, p_message.reversal_seq,
            p_message.recount_no)
    returning * into v_row;
    perform audit.append_event(
        v_row.run_id, 'BROKER', 'MESSAGE_' || v_row.disposition,
        jsonb_build_object(
            'inbox_id', v_row.inbox_id, 'broker_message_id', v_row.broker_message_id,
            'event', v_row.event_kind, 'fill_seq', v_row.fill_seq, 'reason', v_row.reason,
            'raw_sha256', v_row.raw_sha256), p_now_at);
    return v_row;
end;
$function$;

comment on function oms.keep_message(oms.inbox, timestamptz) is
$$Stores a message with what became of it.
Raises: 23505 an execution or cumulative quantity booked before (the second wall behind find_twin).$$;

create or replace function oms.receive_messages(
    p_run_id      uuid,
    p_messages    jsonb,
    p_cursor_text text,
    p_now_at      timestamptz
)
returns table (
    broker_message_id text,
    disposition       text,
    reason            text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run     run.runs;
    v_message jsonb;
    v_row     oms.inbox;
    v_moved   boolean := false;
begin
    perform core.assert_that(
        jsonb_typeof(p_messages) = 'array', 'MQA05', coalesce(jsonb_typeof(p_messages), 'null'));
    v_run := run.lock_run(p_run_id, true, p_now_at);
    for v_message in
        select m.value from jsonb_array_elements(p_messages) with ordinality as m order by m.ordinality
    loop
        v_row := oms.apply_message(p_run_id, v_run.account_id, v_message, p_now_at);
        v_moved := v_moved or v_row.event_kind = 'rejected'
                   or num_nonnulls(v_row.fill_seq, v_row.reversal_seq) > 0;
        broker_message_id := v_row.broker_message_id;
        disposition := v_row.disposition;
        reason := v_row.reason;
        return next;
    end loop;
    if p_cursor_text is not null then
        insert into oms.cursors (account_id, cursor_text, moved_at)
        values (v_run.account_id, p_cursor_text, p_now_at)
        on conflict (account_id) do update
           set cursor_text = excluded.cursor_text, moved_at = excluded.moved_at;
    end if;
    perform oms.set_continuity(p_run_id, 'GAP', 'an order misses a fill', p_now_at)
      where exists (select from oms.orders as o where o.run_id = p_run_id and o.gap_qty > 0);
    if v_moved then
        perform risk.evaluate(p_run_id, p_now_at);
    end if;
end;
$function$;

comment on function oms.receive_messages(uuid, jsonb, text, timestamptz) is
$$Stores and applies a batch of broker messages in order and moves the account's cursor; when money moved
or an order was rejected it evaluates risk, all in one transaction; gives one row a message. Messages seen
before change nothing. A fill that is missing shuts gate CONTINUITY at once.
Why: between the news of a missing fill and its booking nothing is sent, whoever dies meanwhile.
Raises: MQA05; MQN02; MQA03.$$;

create or replace function oms.set_continuity(
    p_run_id     uuid,
    p_continuity text,
    p_reason     text,
    p_now_at     timestamptz
)
returns table (
    broker_order_id text,
    gap_qty         bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run     run.runs;
    v_missing bigint;
begin
    perform core.assert_that(
        p_continuity in ('COLD', 'LIVE', 'GAP'), 'MQA02', 'continuity is COLD, LIVE or GAP');
    v_run := run.lock_run(p_run_id, true, p_now_at);
    select count(*) into v_missing from oms.orders as o
     where o.run_id = p_run_id and o.gap_qty > 0;
    perform run.set_gate(
        p_run_id, 'CONTINUITY', p_continuity = 'LIVE' and v_missing = 0,
        left(case when v_missing > 0 then v_missing || ' orders miss a fill'
                  else p_continuity || ': ' || p_reason end, 500),
        jsonb_build_object('continuity', p_continuity, 'orders_with_a_gap', v_missing),
        run.clamp_now(p_run_id, p_now_at) + v_run.gate_ttl_ms * interval '1 ms', p_now_at);
    return query
    select oms.get_broker_order_id(o.run_id, o.order_id), o.gap_qty
      from oms.orders as o
     where o.run_id = p_run_id and o.gap_qty > 0
     order by o.client_order_id collate "C";
end;
$function$;

comment on function oms.set_continuity(uuid, text, text, timestamptz) is
$$Records whether the stream of broker events is known to be whole: LIVE, COLD (not caught up since the
start) or GAP (it broke off), and sets gate CONTINUITY; an order that misses a fill shuts it, too. Gives
these orders, to be asked for.
Why: nothing new is sent on books that may lack a fill. Catching up opens the gate; it halts nothing.
Raises: MQA02; MQN02.$$;

create or replace function oms.open_budget(
    p_account_id text,
    p_now_at     timestamptz
)
returns oms.budgets
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_budget oms.budgets;
begin
    insert into oms.budgets (account_id, window_started_at, used)
    values (p_account_id, p_now_at, 0)
    on conflict (account_id) do nothing;
    select b.* into strict v_budget from oms.budgets as b
     where b.account_id = p_account_id for update;
    if p_now_at >= v_budget.window_started_at + interval '1 minute' then
        v_budget.window_started_at := p_now_at;
        v_budget.used := 0;
        v_budget.remaining := null;
    end if;
    return v_budget;
end;
$function$;

comment on function oms.open_budget(text, timestamptz) is
$$The request budget of an account as it stands at p_now_at, its row locked; a window of a minute that is
over gives way to a new one.
Why: all workers of an account count in one row; a caller whose time lags stays in the window.$$;

create or replace function oms.count_budget(
    p_budget oms.budgets,
    p_now_at timestamptz
)
returns integer
language sql
immutable
parallel safe
return case when p_now_at >= (p_budget).window_started_at + interval '1 minute' then 150
            else least(150 - (p_budget).used, (p_budget).remaining) end;

comment on function oms.count_budget(oms.budgets, timestamptz) is
$$Requests to the broker that are left of the minute's 150: our own count or the broker's, the lower one.
Why: what refuses a request and what explains the refusal must be one rule.$$;

create or replace function oms.take_budget(
    p_run_id  uuid,
    p_purpose text,
    p_now_at  timestamptz
)
returns table (
    is_granted boolean,
    retry_at   timestamptz
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_reserve constant integer := 30;
    v_kept    integer;
    v_run     run.runs;
    v_budget  oms.budgets;
begin
    perform core.assert_that(
        p_purpose in ('SUBMIT', 'CANCEL', 'READ'), 'MQA02',
        format('purpose %s', coalesce(p_purpose, 'null')));
    v_run := run.lock_run(p_run_id, false, p_now_at);
    v_budget := oms.open_budget(v_run.account_id, p_now_at);
    v_kept := case p_purpose when 'CANCEL' then 0 else v_reserve end;
    if v_budget.held_until_at > p_now_at then
        return query select false, v_budget.held_until_at;
        return;
    elsif oms.count_budget(v_budget, p_now_at) <= v_kept then
        return query select false, v_budget.window_started_at + interval '1 minute';
        return;
    end if;
    update oms.budgets as b
       set window_started_at = v_budget.window_started_at,
           used = v_budget.used + 1,
           remaining = v_budget.remaining - 1
     where b.account_id = v_run.account_id;
    return query select true, null::timestamptz;
end;
$function$;

comment on function oms.take_budget(uuid, text, timestamptz) is
$$Asks for one request to the broker of a run's account: SUBMIT, CANCEL or READ. Refused, with the
instant to ask again, while the broker holds us off, or when the minute's 150 are spent; the last 30
are granted to CANCEL only.
Why: a cancel must go through when all else has used up the rate that the broker allows.
Raises: MQA01; MQA02 unknown purpose; MQA03; MQN02.$$;

create or replace function oms.report_budget(
    p_run_id    uuid,
    p_remaining integer,
    p_reset_at  timestamptz,
    p_now_at    timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run    run.runs;
    v_budget oms.budgets;
begin
    perform core.assert_that(num_nulls(p_remaining, p_reset_at) = 0, 'MQA01', 'remaining, reset_at');
    perform core.assert_that(
        p_remaining between 0 and 1000000, 'MQA02', format('remaining %s', p_remaining));
    v_run := run.lock_run(p_run_id, false, p_now_at);
    v_budget := oms.open_budget(v_run.account_id, p_now_at);
    update oms.budgets as b
       set window_started_at = v_budget.window_started_at,
           used = v_budget.used,
           remaining = least(v_budget.remaining, p_remaining),
           held_until_at = case
               when p_remaining > 0 then v_budget.held_until_at
               else least(greatest(v_budget.held_until_at, p_reset_at + interval '1 s'),
                          p_now_at + interval '5 minutes') end
     where b.account_id = v_run.account_id;
end;
$function$;

comment on function oms.report_budget(uuid, integer, timestamptz, timestamptz) is
$$Keeps what the broker says about its own limit: what is left, and when it is full again. Nothing left
holds everything until a second after that, but for five minutes at most.
Why: the key may be used elsewhere too; the broker's count wins when it is the lower one. A reset far
in the future is a mistake of somebody's clock and must not silence the desk.
Raises: MQA01; MQA02; MQA03; MQN02.$$;

create or replace function oms.tg_orders__guard_terms()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_sealed oms.orders := new;
begin
    v_sealed.order_status := old.order_status;
    v_sealed.status_seq := old.status_seq;
    v_sealed.cum_qty := old.cum_qty;
    v_sealed.working_qty := old.working_qty;
    v_sealed.gap_qty := old.gap_qty;
    v_sealed.pending_op := old.pending_op;
    v_sealed.leaves_qty := old.leaves_qty;        -- generated, and not yet made
    v_sealed.allow_verdict := old.allow_verdict;
    v_sealed.may_submit := old.may_submit;
    if v_sealed is distinct from old
       or new.cum_qty < old.cum_qty and not exists (
          select from ledger.fills as f
           where f.run_id = new.run_id and f.client_order_id = new.client_order_id
             and f.reverses_seq is not null)
    then
        perform core.raise_error('MQI04', 'the terms of an order are sealed when it is enqueued');
    end if;
    return new;
end;
$function$;

comment on function oms.tg_orders__guard_terms() is
$$Refuses to change anything of an order but its status, its quantities at the broker and its pending
request; what is filled falls only when a fill was taken back.
Raises: MQI04.$$;

create or replace trigger _900_refuse_change before update or delete on oms.intents
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.order_history
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.outbox_history
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.attempts
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.permits
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.absence_misses
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.absence_proofs
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.broker_map
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.inbox
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on oms.orders
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on oms.outbox
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.inbox
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.order_history
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.outbox_history
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.attempts
for each statement execute function core.tg_refuse_change();
create or replace trigger _100_guard_terms before update on oms.orders
for each row execute function oms.tg_orders__guard_terms();
create or replace trigger _900_refuse_truncate before truncate on oms.intents
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.permits
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.absence_misses
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.absence_proofs
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.broker_map
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.orders
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.outbox
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.order_moves
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.order_moves
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on oms.outbox_moves
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on oms.outbox_moves
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_new_terms
before update of run_id, outbox_id, order_id, request_kind, lane, stop_price_micros, enqueued_at, expires_at
on oms.outbox for each row execute function core.tg_refuse_change();

commit;
