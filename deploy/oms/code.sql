-- Deploy mqk:oms/code to pg
-- built from sql/oms by `make code`: edit there

begin;

set local role mqk_owner;

create or replace function oms.assert_order(
    p_client_order_id text
)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        exists (select from oms.orders as o where o.client_order_id = p_client_order_id),
        'MQN09', p_client_order_id);
    return true;
end;
$function$;

comment on function oms.assert_order(text) is
$$True, or an error: no order has this name. Stands in the where clause of a reading door.
Raises: MQN09.$$;

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

create or replace function oms.move_order(
    p_run_id    uuid,
    p_order_id  uuid,
    p_to_status text,
    p_cum_qty   bigint,
    p_reason    text,
    p_now_at    timestamptz
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
       set order_status = p_to_status, cum_qty = p_cum_qty, status_seq = o.status_seq + 1
     where o.run_id = p_run_id and o.order_id = p_order_id
    returning o.* into strict v_order;
    insert into oms.order_history (
        run_id, order_id, history_seq, from_status, to_status, cum_qty, reason, moved_at)
    select p_run_id, p_order_id, v_order.status_seq, h.to_status, p_to_status, p_cum_qty, p_reason,
           greatest(h.moved_at, p_now_at)
      from oms.order_history as h
     where h.run_id = p_run_id and h.order_id = p_order_id
       and h.history_seq = v_order.status_seq - 1;
    perform audit.append_event(
        p_run_id, 'OMS', 'ORDER_' || p_to_status,
        jsonb_build_object('client_order_id', v_order.client_order_id, 'cum_qty', p_cum_qty,
                           'reason', p_reason), p_now_at);
end;
$function$;

comment on function oms.move_order(uuid, uuid, text, bigint, text, timestamptz) is
$$Moves an order's status and filled total, with history and diary.
Why: the one writer of order_status; a move that is not legal fails on its foreign key.
Raises: 23503 not a legal move; 23514 status and quantity disagree.$$;

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
    select p_run_id, p_outbox_id, v_seq, h.to_status, p_to_status, session_user, p_reason,
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

create or replace function oms.enqueue_order(
    p_intent     oms.intents,
    p_expires_at timestamptz,
    p_now_at     timestamptz
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
begin
    select r.* into strict v_run from run.runs as r where r.run_id = p_intent.run_id;
    v_name := oms.derive_client_order_id(v_run.engine_id, p_intent.intent_id);
    insert into oms.orders (
        run_id, order_id, intent_id, account_id, client_order_id, symbol, order_qty, order_type,
        time_in_force, order_status, status_seq, cum_qty, created_at)
    values (p_intent.run_id, v_order_id, p_intent.intent_id, v_run.account_id, v_name,
            p_intent.symbol, p_intent.order_qty, 'MARKET', 'DAY', 'NEW', 1, 0, p_now_at);
    insert into oms.order_history (
        run_id, order_id, history_seq, from_status, to_status, cum_qty, reason, moved_at)
    values (p_intent.run_id, v_order_id, 1, 'NONE', 'NEW', 0, 'enqueued', p_now_at);
    insert into oms.outbox (
        run_id, order_id, outbox_status, status_seq, expires_at, enqueued_at)
    values (p_intent.run_id, v_order_id, 'PENDING', 1, p_expires_at, p_now_at)
    returning outbox_id into v_outbox_id;
    insert into oms.outbox_history (
        run_id, outbox_id, history_seq, from_status, to_status, actor, reason, moved_at)
    values (p_intent.run_id, v_outbox_id, 1, 'NONE', 'PENDING', session_user, 'enqueued', p_now_at);
    perform audit.append_event(
        p_intent.run_id, 'OMS', 'ORDER_ENQUEUED',
        jsonb_build_object('intent_id', p_intent.intent_id, 'outbox_id', v_outbox_id,
                           'client_order_id', v_name, 'symbol', p_intent.symbol,
                           'order_qty', p_intent.order_qty), p_now_at);
    return v_name;
end;
$function$;

comment on function oms.enqueue_order(oms.intents, timestamptz, timestamptz) is
$$Turns an allowed intent into a market DAY order with its outbox row; gives its client_order_id.
Raises: 23503 there is no ALLOW verdict for it; 23505 it was enqueued before.$$;

create or replace function oms.get_open_qty(
    p_run_id uuid,
    p_symbol text
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(sum(o.order_qty - sign(o.order_qty)::bigint * o.cum_qty), 0)::bigint
      from oms.orders as o
     where o.run_id = p_run_id
       and o.symbol = p_symbol
       and o.order_status in ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED');
$function$;

comment on function oms.get_open_qty(uuid, text) is
$$Signed shares still open in working orders of a symbol; orders not yet sent count too.$$;

create or replace function oms.plan_symbol(
    p_target      strat.targets,
    p_mark_micros bigint,
    p_other_micros bigint,
    p_expires_at  timestamptz,
    p_now_at      timestamptz
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
    v_intent   oms.intents;
    v_decision risk.decisions;
begin
    insert into oms.intents (
        run_id, intent_id, strategy_id, bar_end_at, symbol, target_qty, position_qty, open_qty,
        order_qty, created_at)
    select p_target.run_id,
           core.derive_id('intent', array[
               p_target.run_id::text, p_target.strategy_id, core.format_iso(p_target.bar_end_at),
               p_target.symbol]),
           p_target.strategy_id, p_target.bar_end_at, p_target.symbol, p_target.target_qty, v_held,
           v_open, d.delta, p_now_at
      from (select case when sign(p_target.target_qty) * sign(v_held) < 0 then 0
                        else p_target.target_qty end - v_held - v_open as delta) as d
     where d.delta <> 0
       and sign(d.delta) * sign(v_open) >= 0
    returning * into v_intent;
    if not found then
        return;
    end if;
    v_decision := risk.check_order(
        p_run_id => v_intent.run_id, p_intent_id => v_intent.intent_id,
        p_symbol => v_intent.symbol, p_order_qty => v_intent.order_qty,
        p_before_qty => v_held + v_open, p_mark_micros => p_mark_micros,
        p_other_micros => p_other_micros, p_now_at => p_now_at);
    return query
    select v_intent.symbol, v_intent.target_qty, v_intent.order_qty, v_decision.verdict,
           v_decision.rule,
           case when v_decision.verdict = 'ALLOW'
                then oms.enqueue_order(v_intent, p_expires_at, p_now_at) end;
end;
$function$;

comment on function oms.plan_symbol(
    strat.targets, bigint, bigint, timestamptz, timestamptz) is
$$Plans one target: intent = target minus position minus open orders, verdict, order when allowed.
No row when there is nothing to do, or when it would trade against an open order of our own.
Why: a flip only closes now; the opening leg follows from the next bar, once flat. An order against
an open one is a wash trade, which brokers reject.$$;

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
    v_marks    jsonb;
    v_expires  timestamptz;
    v_other    bigint;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    perform core.assert_that(v_run.run_status = 'RUNNING', 'MQS02', v_run.run_status);
    select c.* into v_context from strat.get_context(p_run_id, p_now_at) as c;
    if not found or not strat.record_decision(
        p_run_id, v_context.bar_end_at, v_context.context,
        case v_context.strategy_kind
            when 'SQL' then strat.run_sql_strategy(v_context.strategy_id, v_context.context)
            else p_targets end, p_now_at)
    then
        return;
    end if;
    select jsonb_object_agg(m.symbol, m.mark_micros) into v_marks
      from md.list_marks(p_run_id, p_now_at) as m;

    for v_target in
        select t.* from strat.targets as t
         where t.run_id = p_run_id and t.strategy_id = v_context.strategy_id
           and t.bar_end_at = v_context.bar_end_at
         order by t.target_qty - ledger.get_position_qty(p_run_id, t.symbol), t.symbol
    loop
        select s.closes_at into v_expires
          from ref.instruments as i
          cross join lateral ref.get_next_session(i.exchange_id, p_now_at) as s
         where i.symbol = v_target.symbol;
        v_other := oms.get_other_exposure(p_run_id, v_target.symbol, v_marks);
        return query
        select p.* from oms.plan_symbol(
            v_target, (v_marks ->> v_target.symbol)::bigint, v_other, v_expires, p_now_at) as p;
    end loop;
    perform pg_notify('mqk_outbox', p_run_id::text);
end;
$function$;

comment on function oms.plan_intents(uuid, jsonb, timestamptz) is
$$From a strategy's targets {symbol: shares} for the last complete bar to intents, verdicts and
orders: sells first, one row each. A SQL strategy decides here and p_targets is not looked at.
No row when there is nothing to decide; a bar is decided once.
Raises: MQS02 not running; MQA08 bad targets; MQI02 no mark.$$;

create or replace function oms.get_other_exposure(
    p_run_id uuid,
    p_symbol text,
    p_marks  jsonb
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(sum(
               abs(ledger.get_position_qty(p_run_id, u.symbol) + oms.get_open_qty(p_run_id, u.symbol))
               * (p_marks ->> u.symbol)::bigint), 0)::bigint
      from run.universe as u
     where u.run_id = p_run_id
       and u.symbol <> p_symbol;
$function$;

comment on function oms.get_other_exposure(uuid, text, jsonb) is
$$Gross exposure in micros of all other symbols of a run, open orders counted as if filled.
Why: every unfinished order uses up the limit at once.$$;

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
    v_row oms.outbox;
begin
    perform core.assert_that(p_limit between 1 and 100, 'MQA02', 'limit in 1..100');
    perform core.assert_that(p_worker_name is not null, 'MQA01', 'worker_name');
    perform run.lock_run(p_run_id, false, p_now_at);
    perform run.assert_may_trade(p_run_id, p_now_at);

    for v_row in
        with claimable as materialized (
            select o.run_id, o.outbox_id
              from oms.outbox as o
             where o.run_id = p_run_id and o.outbox_status = 'PENDING'
             order by o.outbox_id
             limit p_limit
               for update skip locked
        )
        select o.* from oms.outbox as o join claimable as c using (run_id, outbox_id)
         order by o.outbox_id
    loop
        if v_row.expires_at <= run.clamp_now(p_run_id, p_now_at) then
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
$$Gives one gateway up to p_limit pending orders of one run, by id only, lowest first.
An order whose time is over is failed instead.
Why: SKIP LOCKED hands every row to exactly one gateway; what to send is told only with a permit.
Raises: MQA01; MQA02; MQS02 not running; MQG01 a gate is shut.$$;

create or replace function oms.fail_order(
    p_row          oms.outbox,
    p_order_status text,
    p_reason       text,
    p_now_at       timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select oms.move_outbox(p_row.run_id, p_row.outbox_id, 'FAILED', null, p_reason, p_now_at);
    select oms.move_order(p_row.run_id, p_row.order_id, p_order_status, 0, p_reason, p_now_at);
$function$;

comment on function oms.fail_order(oms.outbox, text, text, timestamptz) is
$$Ends an order that never worked at the broker: outbox FAILED, order REJECTED or EXPIRED.$$;

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
    select string_agg(s.gate || ': ' || s.reason, '; ') into v_shut
      from run.list_shut_gates(
           p_run_id, array['DEADMAN', 'INTEGRITY', 'RECON', 'RISK'], p_now_at) as s;
    v_shut := coalesce(
        v_shut, case when v_run.run_status <> 'RUNNING' then 'the run is ' || v_run.run_status end);
    if v_shut is not null then
        perform oms.move_outbox(p_run_id, p_outbox_id, 'PENDING', null, left(v_shut, 300), p_now_at);
        return query select false, null::integer, v_shut;
    elsif v_row.expires_at <= v_now then
        perform oms.fail_order(v_row, 'EXPIRED', 'expired before it was sent', p_now_at);
        return query select false, null::integer, 'expired before it was sent';
    else
        return query
        select true, oms.record_attempt(v_run, p_outbox_id, p_worker_name, v_now), null::text;
    end if;
end;
$function$;

comment on function oms.begin_dispatch(uuid, bigint, text, timestamptz) is
$$Reads all gates again under lock and writes the attempt, before the network call.
A shut gate is not an order's failure: the row goes back to PENDING, the refusal is kept and returned.
Why: after this commits, the broker may have the order; nothing but evidence moves it on.
Raises: MQN06; MQS03 the row is not claimed by this worker.$$;

create or replace function oms.record_attempt(
    p_run         run.runs,
    p_outbox_id   bigint,
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
        p_run.run_id, p_outbox_id, 'DISPATCHING', p_worker_name, 'dispatching', p_now_at);
    insert into oms.attempts (
        run_id, outbox_id, attempt_no, dispatch_seq, worker_name, deadman_gate_seq,
        integrity_gate_seq, recon_gate_seq, risk_gate_seq, gates_expire_at, lease_epoch,
        lease_expires_at, armed_epoch, begun_by, begun_at, permit_expires_at, wal_lsn, begun_xid)
    select p_run.run_id, p_outbox_id,
           (select count(*) + 1 from oms.attempts as a
             where a.run_id = p_run.run_id and a.outbox_id = p_outbox_id),
           v_seq, p_worker_name,
           max(g.gate_seq) filter (where g.gate = 'DEADMAN'),
           max(g.gate_seq) filter (where g.gate = 'INTEGRITY'),
           max(g.gate_seq) filter (where g.gate = 'RECON'),
           max(g.gate_seq) filter (where g.gate = 'RISK'),
           min(g.expires_at), max(h.lease_epoch), max(l.expires_at), p_run.armed_epoch,
           session_user, p_now_at, p_now_at + interval '2 s', pg_current_wal_insert_lsn(),
           pg_current_xact_id()
      from run.gates as g
      left join run.leases as l
        on (l.engine_id, l.account_id, l.worker_kind)
           = (p_run.engine_id, p_run.account_id, 'gateway')
      left join run.lease_history as h
        on h.run_id = g.run_id and h.worker_kind = l.worker_kind and h.lease_epoch = l.lease_epoch
     where g.run_id = p_run.run_id
    returning attempt_no into v_no;
    return v_no;
end;
$function$;

comment on function oms.record_attempt(run.runs, bigint, text, timestamptz) is
$$Writes the attempt row with the gate verdicts and the gateway's lease it rests on; gives its number.
Why: each attempt refers to four OPEN gate rows by foreign key, and a second one to an absence proof.
Raises: 23503 a gate row is shut, or no proof of absence; 23502 no gateway leads;
23514 a gate or the lease has expired.$$;

create or replace function oms.get_permit(
    p_run_id      uuid,
    p_outbox_id   bigint,
    p_attempt_no  integer,
    p_now_at      timestamptz
)
returns table (
    client_order_id    text,
    account_id         text,
    symbol             text,
    order_qty          bigint,
    order_type         text,
    limit_price_micros bigint,
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
        when r.run_status <> 'RUNNING' then 'the run is ' || r.run_status end
      into v_why
      from oms.outbox as o join run.runs as r using (run_id)
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id
       for update of o;
    insert into oms.permits (run_id, outbox_id, attempt_no, permitted_to, permitted_at)
    select p_run_id, p_outbox_id, p_attempt_no, session_user, p_now_at
     where v_why is null
    on conflict (run_id, outbox_id, attempt_no) do nothing;
    perform core.assert_that(found, 'MQG02', coalesce(v_why, 'given before'));

    return query
    select o.client_order_id, o.account_id, o.symbol, o.order_qty, o.order_type,
           o.limit_price_micros, o.time_in_force
      from oms.outbox as b
      join oms.orders as o using (run_id, order_id)
     where b.run_id = p_run_id and b.outbox_id = p_outbox_id;
end;
$function$;

comment on function oms.get_permit(uuid, bigint, integer, timestamptz) is
$$Tells the worker what to send, once, in a transaction after the one that began the attempt.
Why: nobody learns what to send before the intent to send it is on disk and all gates were open.
Raises: MQN06; MQG02 same transaction, not durable, too late, another lease,
other login, given before, not running.$$;

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
begin
    perform run.lock_run(p_run_id, false, p_now_at);
    select o.outbox_status into v_status from oms.outbox as o
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id for update;
    perform core.assert_that(found, 'MQN06', p_outbox_id::text);
    if v_status in ('SENT', 'ACKED') then
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
$$The broker has the order: its answer to the submit, or a look-up by client_order_id, says so.
False when that was known already (an event may have come first).
Raises: MQN06; MQS03 the row was not dispatched, or is known under another id.$$;

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
    perform risk.record_reject(p_run_id, v_row.order_id::text, p_now_at);
    perform risk.evaluate(p_run_id, p_now_at);
end;
$function$;

comment on function oms.mark_failed(uuid, bigint, text, timestamptz) is
$$The broker refused the order in a definite answer; it counts towards the reject storm.
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
    v_status text;
begin
    perform run.lock_run(p_run_id, true, p_now_at);
    select o.outbox_status into v_status from oms.outbox as o
     where o.run_id = p_run_id and o.outbox_id = p_outbox_id for update;
    perform core.assert_that(found, 'MQN06', p_outbox_id::text);
    if v_status = 'DISPATCHING' then
        perform oms.move_outbox(
            p_run_id, p_outbox_id, 'AMBIGUOUS', null, left(p_reason, 300), p_now_at);
        perform run.halt_run(
            p_run_id, left('AMBIGUOUS_SUBMIT: ' || p_reason, 300), p_now_at);
    end if;
end;
$function$;

comment on function oms.mark_ambiguous(uuid, bigint, text, timestamptz) is
$$Nobody knows whether the broker has the order: the row waits for evidence and the run is halted.
Why: a timeout after the broker accepted is how orders are sent twice.
Raises: MQN06.$$;

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
    v_now timestamptz;
    v_row record;
begin
    perform run.lock_run(p_run_id, true, p_now_at);
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
    return query
    select o.outbox_id, max(a.attempt_no), r.client_order_id
      from oms.outbox as o
      join oms.orders as r using (run_id, order_id)
      join oms.attempts as a using (run_id, outbox_id)
     where o.run_id = p_run_id and o.outbox_status = 'AMBIGUOUS'
     group by o.outbox_id, r.client_order_id
     order by o.outbox_id;
end;
$function$;

comment on function oms.list_unresolved(uuid, text, timestamptz) is
$$First act of a gateway: rows a dead worker left (its own name: at once) go back to PENDING when only
claimed, to AMBIGUOUS when dispatching; gives every AMBIGUOUS row to be looked up at the broker.
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
    having coalesce(max(m.looked_up_at) <= p_now_at - interval '5 s', true);
    select count(*)::integer as misses, min(m.looked_up_at) as first_at,
           max(m.looked_up_at) as last_at
      into v_misses
      from oms.absence_misses as m
     where m.run_id = p_run_id and m.outbox_id = p_outbox_id and m.attempt_no = p_attempt_no;
    if v_misses.misses >= 3 and v_misses.last_at >= v_misses.first_at + interval '10 s' then
        insert into oms.absence_proofs (
            run_id, outbox_id, attempt_no, misses, first_miss_at, last_miss_at, broker_orders,
            proven_by, proven_at)
        values (p_run_id, p_outbox_id, p_attempt_no, v_misses.misses, v_misses.first_at,
                v_misses.last_at, p_broker_orders, session_user, p_now_at);
        perform oms.move_outbox(
            p_run_id, p_outbox_id, 'PENDING', null, 'proven absent at the broker', p_now_at);
    end if;
    return v_misses.misses;
end;
$function$;

comment on function oms.record_absence(uuid, bigint, integer, jsonb, timestamptz) is
$$Counts a look-up that did not find the order (at most one in 5 s); p_broker_orders is the broker's
whole list of client_order_ids. Three misses over 10 s or more are a proof: the row is PENDING again.
Why: a second attempt needs evidence, and carries the same client_order_id.
Raises: MQS03 the row is not ambiguous, or the list holds the order.$$;

create or replace function oms.parse_message(
    p_run_id     uuid,
    p_account_id text,
    p_message    jsonb,
    p_now_at     timestamptz
)
returns oms.inbox
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select row(
        p_run_id, null, p_account_id,
        coalesce(p_message ->> 'message_id', 'unnamed:' || core.hash_text(p_message::text)),
        coalesce(p_message ->> 'event', 'none'),
        p_message ->> 'broker_order_id', p_message ->> 'client_order_id',
        o.order_id, p_message ->> 'execution_id',
        core.parse_shares(p_message ->> 'qty'), core.parse_micros(p_message ->> 'price'),
        core.parse_micros(coalesce(p_message ->> 'fee', '0')),
        core.parse_shares(p_message ->> 'cum_qty'), core.parse_time(p_message ->> 'at'),
        coalesce(p_message -> 'raw', p_message), p_now_at, 'APPLIED', '', null, null,
        null)::oms.inbox
      from (select) as one
      left join oms.orders as o
        on o.run_id = p_run_id and o.account_id = p_account_id
       and (o.client_order_id = p_message ->> 'client_order_id'
            or exists (
                select from oms.broker_map as m
                  join oms.outbox as b using (run_id, outbox_id)
                 where m.account_id = p_account_id
                   and m.broker_order_id = p_message ->> 'broker_order_id'
                   and b.run_id = o.run_id and b.order_id = o.order_id))
     limit 1;
$function$;

comment on function oms.parse_message(uuid, text, jsonb, timestamptz) is
$$A broker message {message_id, event, broker_order_id, client_order_id, execution_id, qty, price, fee,
cum_qty, at, raw; numbers as text} as an inbox row with its order looked up; unreadable values are null.$$;

create or replace function oms.find_defect(
    p_message oms.inbox
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case
        when p_message.event_kind not in (
                'new', 'partial_fill', 'fill', 'canceled', 'expired', 'rejected')
            then 'UNKNOWN_EVENT'
        when p_message.order_id is null then 'UNKNOWN_ORDER'
        when exists (
                select from oms.outbox as b
                 where b.run_id = p_message.run_id and b.order_id = p_message.order_id
                   and b.outbox_status in ('PENDING', 'CLAIMED'))
            then 'NEVER_DISPATCHED'
        when p_message.broker_order_id is null then 'NO_BROKER_ORDER_ID'
        when exists (
                select from oms.broker_map as m
                  join oms.outbox as b using (run_id, outbox_id)
                 where b.run_id = p_message.run_id and b.order_id = p_message.order_id
                   and m.broker_order_id <> p_message.broker_order_id)
            then 'OTHER_BROKER_ORDER'
        when p_message.event_kind in ('partial_fill', 'fill') and (
                num_nulls(p_message.execution_id, p_message.event_qty, p_message.price_micros,
                          p_message.fee_micros, p_message.cum_qty, p_message.event_at) > 0
                or p_message.event_qty not between 1 and 1000000000
                or p_message.price_micros not between 1 and 10000000000000
                or p_message.fee_micros not between 0 and 4000000000000000)
            then 'BAD_FILL' end;
$function$;

comment on function oms.find_defect(oms.inbox) is
$$Why a broker message cannot be believed, or null. Fractional shares, a missing price and a fill of
an order we never sent are defects: the message is kept and the run halted.$$;

create or replace function oms.find_twin(
    p_message oms.inbox
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case
        when (i.event_qty, i.price_micros, i.fee_micros, i.order_id)
             = (p_message.event_qty, p_message.price_micros, p_message.fee_micros,
                p_message.order_id)
            then 'DUPLICATE'
        else 'CONTRADICTION' end
      from oms.inbox as i
     where i.account_id = p_message.account_id
       and (i.fill_key = p_message.execution_id
            or i.broker_order_id = p_message.broker_order_id
               and i.cum_key = p_message.cum_qty)
     order by (i.fill_key = p_message.execution_id) desc
     limit 1;
$function$;

comment on function oms.find_twin(oms.inbox) is
$$Whether a fill was booked before under its execution id or its cumulative quantity: DUPLICATE (same
terms), CONTRADICTION (other terms), or null.
Why: the same fill comes by several ways and under several message ids; it is booked once.$$;

create or replace function oms.apply_fill(
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
    v_cum   bigint;
    v_ended boolean;
begin
    select o.* into strict v_order from oms.orders as o
     where o.run_id = p_message.run_id and o.order_id = p_message.order_id for update;
    v_ended := v_order.order_status in ('CANCELED', 'EXPIRED', 'REJECTED');
    v_cum := v_order.cum_qty + p_message.event_qty;
    v_row.fill_seq := ledger.post_fill(
        p_run_id => v_order.run_id, p_account_id => v_order.account_id,
        p_execution_id => p_message.execution_id, p_client_order_id => v_order.client_order_id,
        p_symbol => v_order.symbol,
        p_fill_qty => sign(v_order.order_qty)::bigint * p_message.event_qty,
        p_price_micros => p_message.price_micros, p_fee_micros => p_message.fee_micros,
        p_is_late => v_ended, p_executed_at => p_message.event_at, p_now_at => p_now_at);
    perform oms.move_order(
        v_order.run_id, v_order.order_id,
        case when v_ended then v_order.order_status
             when v_cum >= abs(v_order.order_qty) then 'FILLED'
             else 'PARTIALLY_FILLED' end,
        v_cum, 'fill ' || p_message.execution_id, p_now_at);
    v_row.reason := case when v_ended then 'late fill, booked' else 'fill booked' end;
    if v_cum > abs(v_order.order_qty) then
        v_row.reason := 'overfill, booked';
        perform run.halt_run(
            v_order.run_id, format('OVERFILL: %s of %s', v_cum, v_order.client_order_id), p_now_at);
    end if;
    return v_row;
end;
$function$;

comment on function oms.apply_fill(oms.inbox, timestamptz) is
$$Books a fill and moves its order. A fill after the end of an order is booked and flagged; the order
stays ended. More than was ordered is booked too, and halts the run.
Why: money that moved is a fact; refusing to book it would hide it.$$;

create or replace function oms.apply_status(
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
    v_to    text;
begin
    select o.* into strict v_order from oms.orders as o
     where o.run_id = p_message.run_id and o.order_id = p_message.order_id for update;
    v_to := case p_message.event_kind when 'new' then 'ACCEPTED' else upper(p_message.event_kind) end;
    if v_order.order_status = v_to or not exists (
        select from oms.order_moves as m
         where m.from_status = v_order.order_status and m.to_status = v_to)
    then
        v_row.disposition := 'STALE';
        v_row.reason := format('%s after %s', v_to, v_order.order_status);
        return v_row;
    end if;
    v_row.reason := coalesce(p_message.raw ->> 'reason', p_message.event_kind);
    perform oms.move_order(
        v_order.run_id, v_order.order_id, v_to, v_order.cum_qty, left(v_row.reason, 300), p_now_at);
    if v_to = 'REJECTED' then
        perform risk.record_reject(v_order.run_id, v_order.order_id::text, p_now_at);
    end if;
    return v_row;
end;
$function$;

comment on function oms.apply_status(oms.inbox, timestamptz) is
$$Moves an order as a broker event without money says; an event that comes too late is STALE.
Why: an ack after a fill, or a second cancel, is no error; the order's state does not go back.$$;

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
    if v_why is null and v_row.event_kind in ('partial_fill', 'fill') then
        v_why := oms.find_twin(v_row);
    end if;
    if v_why = 'DUPLICATE' then
        v_row.disposition := 'DUPLICATE';
        v_row.reason := 'fill booked before';
    elsif v_why is not null then
        v_row.disposition := 'QUARANTINED';
        v_row.reason := v_why;
        perform run.halt_run(
            p_run_id, format('%s: %s', v_why, left(v_row.broker_message_id, 200)), p_now_at);
    else
        perform oms.acknowledge(v_row, p_now_at);
        v_row := case when v_row.event_kind in ('partial_fill', 'fill')
                      then oms.apply_fill(v_row, p_now_at)
                      else oms.apply_status(v_row, p_now_at) end;
    end if;
    return oms.keep_message(v_row, p_now_at);
end;
$function$;

comment on function oms.apply_message(uuid, text, jsonb, timestamptz) is
$$Receives and applies one broker message in one go; gives its inbox row with the disposition:
APPLIED, DUPLICATE, STALE or QUARANTINED (kept, run halted).
Why: stored and applied in one transaction, so nothing is lost or counted twice between the two.$$;

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
     where o.run_id = p_message.run_id and o.order_id = p_message.order_id for update;
    if v_row.outbox_status in ('DISPATCHING', 'AMBIGUOUS') then
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
end;
$function$;

comment on function oms.acknowledge(oms.inbox, timestamptz) is
$$Any believable event of an order proves that the broker has it: the outbox row ends ACKED.
Why: an event may come before the answer to the submit, or instead of it.$$;

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
        order_id, execution_id, event_qty, price_micros, fee_micros, cum_qty, event_at, raw,
        received_at, disposition, reason, fill_seq)
    values (p_message.run_id, p_message.account_id, p_message.broker_message_id,
            p_message.event_kind, p_message.broker_order_id, p_message.client_order_id,
            p_message.order_id, p_message.execution_id, p_message.event_qty, p_message.price_micros,
            p_message.fee_micros, p_message.cum_qty, p_message.event_at, p_message.raw,
            p_message.received_at, p_message.disposition, p_message.reason, p_message.fill_seq)
    returning * into v_row;
    perform audit.append_event(
        v_row.run_id, 'BROKER', 'MESSAGE_' || v_row.disposition,
        jsonb_build_object(
            'inbox_id', v_row.inbox_id, 'broker_message_id', v_row.broker_message_id,
            'event', v_row.event_kind, 'fill_seq', v_row.fill_seq, 'reason', v_row.reason,
            'raw_sha256', core.hash_text(v_row.raw::text)), p_now_at);
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
    v_news    boolean := false;
begin
    perform core.assert_that(
        jsonb_typeof(p_messages) = 'array', 'MQA05', coalesce(jsonb_typeof(p_messages), 'null'));
    v_run := run.lock_run(p_run_id, true, p_now_at);
    for v_message in
        select m.value from jsonb_array_elements(p_messages) with ordinality as m order by m.ordinality
    loop
        v_row := oms.apply_message(p_run_id, v_run.account_id, v_message, p_now_at);
        v_news := v_news or v_row.disposition <> 'DUPLICATE';
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
    if v_news then
        perform risk.evaluate(p_run_id, p_now_at);
    end if;
end;
$function$;

comment on function oms.receive_messages(uuid, jsonb, text, timestamptz) is
$$Stores and applies a batch of broker messages in order, moves the account's cursor and evaluates
risk, all in one transaction; gives one row a message. Messages seen before change nothing.
Raises: MQA05; MQN02; MQA03.$$;

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
       and o.outbox_status in ('DISPATCHING', 'AMBIGUOUS');
$function$;

comment on function oms.count_unresolved(uuid) is
$$Orders of a run of which nobody knows yet whether the broker has them.$$;

create or replace function oms.tg_orders__guard_terms()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $function$
begin
    if to_jsonb(new) - array['order_status', 'status_seq', 'cum_qty', 'allow_verdict']
       <> to_jsonb(old) - array['order_status', 'status_seq', 'cum_qty', 'allow_verdict']
       or new.cum_qty < old.cum_qty
    then
        perform core.raise_error('MQI04', 'the terms of an order are sealed when it is enqueued');
    end if;
    return new;
end;
$function$;

comment on function oms.tg_orders__guard_terms() is
$$Refuses to change anything of an order but its status and its filled total, which only grows.
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

commit;
