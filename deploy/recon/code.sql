-- Deploy mqk:recon/code to pg
-- built from sql/recon by `make code`: edit there

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

create or replace function recon.set_tolerances(
    p_run_id uuid,
    p_recon  jsonb,
    p_now_at timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into recon.tolerances (
        run_id, position_tolerance_qty, cash_tolerance_micros, grace_ms, max_age_ms,
        foreign_orders)
    values (p_run_id, (p_recon ->> 'position_tolerance_qty')::bigint,
            (p_recon ->> 'cash_tolerance_micros')::bigint, (p_recon ->> 'grace_ms')::integer,
            (p_recon ->> 'max_age_ms')::integer, p_recon ->> 'foreign_orders');
    select audit.append_event(p_run_id, 'RECON', 'TOLERANCES_SET', p_recon, p_now_at);
$function$;

comment on function recon.set_tolerances(uuid, jsonb, timestamptz) is
$$Pins how far a run's broker may differ, from config.reconcile, and writes it in the diary.
Raises: 23514 too wide; 23502 one is missing; 23505 they are pinned already.$$;

create or replace function recon.parse_captured_at(
    p_document jsonb
)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_at timestamptz;
begin
    v_at := core.parse_time(p_document ->> 'captured_at');
    return case when v_at > timestamptz '1970-01-01 00:00:00+00' then v_at end;
exception
    when datetime_field_overflow then
        return null;
end;
$function$;

comment on function recon.parse_captured_at(jsonb) is
$$When a snapshot was taken; null when it does not say, or says the epoch, before it, or no date.
Why: a zero time is what a program writes that forgot to set one.$$;

create or replace function recon.parse_money(
    p_text text
)
returns bigint
language sql
immutable
parallel safe
return core.parse_micros(case when p_text !~ '^-?[0-9]{13}' then p_text end);

comment on function recon.parse_money(text) is
$$As core.parse_micros, but null for what is too large, too.
Why: an absurd amount in a snapshot is a difference to be told, not an error that hides the others.$$;

create or replace function recon.list_chains(
    p_document jsonb
)
returns table (
    row_no     bigint,
    told       jsonb,
    name       text,
    before_qty bigint,
    bad_text   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with recursive told as materialized (
        select o.ordinality as row_no, o.value as document, o.value ->> 'broker_order_id' as id,
               o.value ->> 'replaces' as replaces, o.value ->> 'filled_qty' as filled_text,
               core.parse_shares(o.value ->> 'filled_qty') as filled_qty
          from jsonb_array_elements(p_document -> 'orders') with ordinality as o
         where o.value ->> 'replaces' is null
            or lower(o.value ->> 'status') is distinct from 'rejected'
    ), live as materialized (
        select t.* from told as t
         where not exists (select from told as n where n.replaces = t.id)
    ), before as (
        select l.row_no, l.replaces as id from live as l where l.replaces is not null
         union
        select b.row_no, t.replaces
          from before as b join told as t using (id) where t.replaces is not null
    ), filled as (
        select b.row_no, sum(t.filled_qty)::bigint as before_qty,
               min(coalesce(t.filled_text, 'none'))
                   filter (where coalesce(t.filled_qty, -1) < 0) as bad_text
          from before as b join told as t using (id)
         group by b.row_no
    )
    select l.row_no, l.document, regexp_replace(l.document ->> 'client_order_id', '-r\d+$', ''),
           coalesce(f.before_qty, 0), f.bad_text
      from live as l
      left join filled as f using (row_no);
$function$;

comment on function recon.list_chains(jsonb) is
$$The orders of a snapshot that stand, each under the name of the first of its chain, and with the shares
that were filled by those it stands in the place of; bad_text: what one of them says instead.
Why: a replace ends one broker order and begins the next, which counts its fills from zero; the chain is
the one order that we know. A successor that was rejected never was one.$$;

create or replace function recon.parse_orders(
    p_document jsonb
)
returns table (
    row_no             bigint,
    client_order_id    text,
    symbol             text,
    order_qty          bigint,
    filled_qty         bigint,
    order_status       text,
    order_type         text,
    limit_price_micros bigint,
    stop_price_micros  bigint,
    time_in_force      text,
    defect             text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with told as (
        select o.row_no, o.name, o.told ->> 'symbol' as symbol, o.told ->> 'qty' as qty_text,
               core.parse_shares(o.told ->> 'qty') + o.before_qty as qty,
               coalesce(o.bad_text, o.told ->> 'filled_qty') as filled_text,
               core.parse_shares(coalesce(o.bad_text, o.told ->> 'filled_qty'))
                   + case when o.bad_text is null then o.before_qty else 0 end as filled,
               case lower(o.told ->> 'side') when 'buy' then 1 when 'sell' then -1 end as sign,
               upper(o.told ->> 'type') as order_type,
               recon.parse_money(o.told ->> 'limit_price') as limit_micros,
               recon.parse_money(o.told ->> 'stop_price') as stop_micros,
               upper(o.told ->> 'time_in_force') as time_in_force, s.order_status,
               o.told ->> 'limit_price' as limit_text, o.told ->> 'stop_price' as stop_text,
               row_number() over (partition by o.name order by o.row_no) as repeat_no
          from recon.list_chains(p_document) as o
          left join recon.broker_statuses as s on s.broker_word = lower(o.told ->> 'status')
    )
    select t.row_no, nullif(left(t.name, 128), ''), t.symbol, t.sign * t.qty, t.filled,
           case when t.order_status <> 'WORKING' then t.order_status
                when t.filled = 0 then 'ACCEPTED'
                when t.filled < t.qty then 'PARTIALLY_FILLED'
                else 'FILLED' end,
           t.order_type, t.limit_micros, t.stop_micros, t.time_in_force,
           case when coalesce(t.name, '') = '' then 'MissingOrderId'
                when length(t.name) > 128 or length(t.symbol) > 32 then 'NameTooLong'
                when t.repeat_no > 1 then 'DuplicateOrder'
                when coalesce(t.symbol, '') = '' then 'MissingSymbol'
                when t.sign is null then 'UnknownSide'
                when t.qty is null and t.qty_text ~ '^-?[0-9]+\.[0-9]+$'
                  or t.filled is null and t.filled_text ~ '^-?[0-9]+\.[0-9]+$' then 'Fractional'
                when t.qty is null then 'UnknownQty'
                when t.qty < 0 then 'NegativeQty'
                when t.filled is null then 'UnknownFilledQty'
                when t.filled < 0 then 'NegativeFilledQty'
                when t.filled > t.qty then 'FilledExceedsQty'
                when t.order_status is null then 'UnknownStatus'
                when t.limit_text is not null and t.limit_micros is null
                  or t.stop_text is not null and t.stop_micros is null then 'UnknownPrice' end
      from told as t;
$function$;

comment on function recon.parse_orders(jsonb) is
$$The orders of a snapshot as rows, every one, in its order; defect names why a row cannot be read.
order_qty is signed. A working status is told by the filled part: ACCEPTED, PARTIALLY_FILLED or FILLED.
Type, prices and time in force are null when the broker does not tell them. A replaced order is told by
the one in its place, under the name of the first, with the shares of the whole chain.
Why: a row that cannot be read is a difference, never skipped.$$;

create or replace function recon.parse_positions(
    p_document jsonb
)
returns table (
    row_no       bigint,
    symbol       text,
    position_qty bigint,
    defect       text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with told as (
        select p.ordinality as row_no, p.value ->> 'symbol' as symbol,
               p.value ->> 'qty' as qty_text, core.parse_shares(p.value ->> 'qty') as qty,
               row_number() over (partition by p.value ->> 'symbol' order by p.ordinality)
               as repeat_no
          from jsonb_array_elements(p_document -> 'positions') with ordinality as p
    )
    select t.row_no, nullif(left(t.symbol, 32), ''), t.qty,
           case when coalesce(t.symbol, '') = '' then 'MissingSymbol'
                when length(t.symbol) > 32 then 'NameTooLong'
                when t.repeat_no > 1 then 'DuplicateSymbol'
                when t.qty is null and t.qty_text ~ '^-?[0-9]+\.[0-9]+$' then 'Fractional'
                when t.qty is null then 'UnknownQty' end
      from told as t;
$function$;

comment on function recon.parse_positions(jsonb) is
$$The positions of a snapshot as rows, every one, in its order, signed whole shares; defect names why
a row cannot be read.$$;

create or replace function recon.get_strangers(
    p_run      run.runs,
    p_document jsonb
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(jsonb_object_agg(t.name, case
               when exists (
                   select from oms.orders as o join run.runs as r using (run_id)
                    where o.client_order_id = t.name
                      and o.account_id = p_run.account_id
                      and r.engine_id = p_run.engine_id) then 'EARLIER_RUN'
               when t.name !~ '^[A-Z][A-Z0-9]{1,7}_' then 'FOREIGN'
               when split_part(t.name, '_', 1) = p_run.engine_id then 'OUR_NAME'
               when exists (
                   select from run.engines as e
                    where e.engine_id = split_part(t.name, '_', 1))
                then 'OTHER_ENGINE'
               else 'FOREIGN' end), '{}')
      from (select x.value ->> 'client_order_id' as name
              from jsonb_array_elements(p_document -> 'orders') as x) as t
     where t.name is not null
       and not exists (
           select from oms.orders as o
            where o.client_order_id = t.name and o.run_id = p_run.run_id);
$function$;

comment on function recon.get_strangers(run.runs, jsonb) is
$$Orders of a snapshot that are not this run's, by name: EARLIER_RUN of this engine and account,
OTHER_ENGINE of ours (by its prefix), OUR_NAME that we never gave, or FOREIGN.
Why: an engine answers for its own orders; what bears its name and is not known is nobody else's.$$;

create or replace function recon.get_stop_prices(
    p_order oms.orders,
    out stop_price_micros bigint,
    out asked_stop_micros bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce((array_agg(b.stop_price_micros order by b.outbox_id desc)
                     filter (where b.outbox_status = 'ACKED'))[1], p_order.stop_price_micros),
           (array_agg(b.stop_price_micros order by b.outbox_id desc)
            filter (where b.outbox_status not in ('ACKED', 'FAILED')
                       or p_order.order_status in ('FILLED', 'CANCELED', 'EXPIRED', 'REJECTED')))[1]
      from oms.outbox as b
     where b.run_id = p_order.run_id and b.order_id = p_order.order_id
       and b.request_kind = 'REPLACE';
$function$;

comment on function recon.get_stop_prices(oms.orders) is
$$The stop price of an order as the broker has confirmed it, in micros, and the one that was asked for and
is not answered yet; of an order that has ended the last one asked for, whatever the answer.
Why: between a replace and its answer the broker may show either.$$;

create or replace function recon.get_order_books(
    p_run_id      uuid,
    p_document    jsonb,
    p_captured_at timestamptz
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with compared as materialized (
        select w.order_id from oms.orders as w
         where w.run_id = p_run_id
           and w.order_status not in ('FILLED', 'CANCELED', 'EXPIRED', 'REJECTED')
         union
        select n.order_id
          from jsonb_array_elements(p_document -> 'orders') as t
         cross join lateral (
            select o.run_id, o.order_id from oms.orders as o
             where o.client_order_id = t.value ->> 'client_order_id' limit 1) as n
         where n.run_id = p_run_id
    )
    select coalesce(jsonb_agg(jsonb_build_object(
               'order_id', o.order_id, 'client_order_id', o.client_order_id,
               'symbol', o.symbol,
               'order_qty', sign(o.order_qty)::bigint * o.working_qty,
               'filled_qty', o.cum_qty,
               'order_type', o.order_type, 'limit_price_micros', o.limit_price_micros,
               'stop_price_micros', r.stop_price_micros, 'asked_stop_micros', r.asked_stop_micros,
               'time_in_force', o.time_in_force,
               'order_status', case when o.order_status <> 'DONE_FOR_DAY' then o.order_status
                                    when o.cum_qty > 0 then 'PARTIALLY_FILLED'
                                    else 'ACCEPTED' end,
               'status_seq', o.status_seq,
               'outbox_status', x.outbox_status,
               'is_young', greatest(h.moved_at, y.moved_at) > p_captured_at)
               order by o.client_order_id collate "C"), '[]')
      from compared as c
     cross join lateral (
        select o.* from oms.orders as o
         where (o.run_id, o.order_id) = (p_run_id, c.order_id) limit 1) as o
     cross join lateral recon.get_stop_prices(o) as r
     cross join lateral (
        select h.moved_at from oms.order_history as h
         where (h.run_id, h.order_id, h.history_seq) = (o.run_id, o.order_id, o.status_seq)
         limit 1) as h
     cross join lateral (
        select x.* from oms.outbox as x
         where (x.run_id, x.order_id, x.request_kind) = (o.run_id, o.order_id, 'SUBMIT')
         limit 1) as x
     cross join lateral (
        select y.moved_at from oms.outbox_history as y
         where (y.run_id, y.outbox_id, y.history_seq) = (x.run_id, x.outbox_id, x.status_seq)
         limit 1) as y;
$function$;

comment on function recon.get_order_books(uuid, jsonb, timestamptz) is
$$Our orders as a comparison sees them: those that have not ended, and those that the snapshot names.
Why: each is looked up by its whole key (a limit keeps the planner from joining otherwise), so that a
snapshot never reads the history of a run.$$;

create or replace function recon.get_action_books(
    p_run_id      uuid,
    p_captured_at timestamptz
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(jsonb_agg(jsonb_build_object(
               'action_id', d.action_id, 'symbol', d.symbol, 'held_qty', s.held_qty,
               'new_qty', s.new_qty, 'cash_micros', e.cash_delta_micros)
               order by d.adjustment_seq), '[]')
      from ledger.adjustments as d
      join ledger.entries as e using (run_id, adjustment_seq)
      left join ledger.positions as p on p.run_id = d.run_id and p.symbol = d.symbol
      left join ledger.splits as s
        on (s.run_id, s.symbol, s.match_no, s.adjustment_seq)
           = (p.run_id, p.symbol, p.match_no, d.adjustment_seq)
     where d.run_id = p_run_id
       and e.booked_at > p_captured_at - interval '4 days'
       and e.booked_at <= p_captured_at + interval '4 days';
$function$;

comment on function recon.get_action_books(uuid, timestamptz) is
$$The corporate actions that a run has booked within four days of a snapshot: shares before
and after, and cash.
Why: a broker may book a split or a dividend hours or a weekend later than we do.$$;

create or replace function recon.get_books(
    p_run         run.runs,
    p_document    jsonb,
    p_captured_at timestamptz
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'account_id', p_run.account_id,
        'entry_seq', b.entry_seq,
        'cash_micros', b.cash_micros,
        'cash_is_young', e.booked_at > p_captured_at,
        'positions', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'symbol', p.symbol, 'position_qty', p.position_qty,
                       'is_young', p.changed_at > p_captured_at) order by p.symbol collate "C"), '[]')
              from ledger.positions as p where p.run_id = p_run.run_id),
        'orders', recon.get_order_books(p_run.run_id, p_document, p_captured_at),
        'actions', recon.get_action_books(p_run.run_id, p_captured_at),
        'strangers', recon.get_strangers(p_run, p_document))
      from ledger.portfolios as b
     cross join lateral (
        select e.booked_at from ledger.entries as e
         where (e.run_id, e.entry_seq) = (b.run_id, b.entry_seq) limit 1) as e
     where b.run_id = p_run.run_id;
$function$;

comment on function recon.get_books(run.runs, jsonb, timestamptz) is
$$Our side of a comparison: cash, positions, and the orders that work or that the snapshot names.
is_young: it changed after the snapshot was captured. actions: corporate actions booked of late.
Why: kept with the verdict, so that anybody can compute the verdict again.$$;

create or replace function recon.is_explained_cash(
    p_missing_micros   bigint,
    p_actions          jsonb,
    p_tolerance_micros bigint
)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with recursive acts as (
        select row_number() over (order by a.ordinality) as nth,
               (a.value ->> 'cash_micros')::bigint as cash_micros
          from jsonb_array_elements(p_actions) with ordinality as a
         where (a.value ->> 'cash_micros')::bigint <> 0
         limit 8
    ), sums (nth, total) as (
        select 0::bigint, 0::bigint
         union all
        select a.nth, s.total + t.taken * a.cash_micros
          from sums as s
          join acts as a on a.nth = s.nth + 1
         cross join (values (0), (1)) as t (taken)
    )
    select coalesce(bool_or(s.total <> 0
                            and abs(s.total - p_missing_micros) <= p_tolerance_micros), false)
      from sums as s;
$function$;

comment on function recon.is_explained_cash(bigint, jsonb, bigint) is
$$True when the cash that the broker has less than we is the cash of some of the corporate actions booked of
late (at most eight are looked at), within the tolerance.$$;

create or replace function recon.list_row_drifts(
    p_document jsonb
)
returns table (
    drift_kind text,
    drift_key  text,
    ours       text,
    theirs     text,
    is_young   boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with rows as (
        select 'orders' as list, o.row_no, o.client_order_id as name, o.defect
          from recon.parse_orders(p_document) as o
         union all
        select 'positions', p.row_no, p.symbol, p.defect
          from recon.parse_positions(p_document) as p
    )
    select case r.defect when 'Fractional' then 'FRACTIONAL' else 'UNREADABLE' end,
           case when r.name is null or r.defect in ('DuplicateOrder', 'DuplicateSymbol')
                then format('%s #%s', r.list, r.row_no)
                else format('%s %s', r.list, r.name) end,
           r.defect,
           left((p_document -> r.list -> (r.row_no - 1)::integer)::text, 500), false
      from rows as r
     where r.defect is not null;
$function$;

comment on function recon.list_row_drifts(jsonb) is
$$Rows of a snapshot that cannot be read, or that hold a fraction of a share; `ours` names the defect,
`theirs` is the row as it came.$$;

create or replace function recon.list_order_drifts(
    p_document       jsonb,
    p_books          jsonb,
    p_foreign_orders text
)
returns table (
    drift_kind text,
    drift_key  text,
    ours       text,
    theirs     text,
    is_young   boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with ours as (
        select x.client_order_id, x.time_in_force, x.order_status, x.outbox_status, x.is_young
          from jsonb_to_recordset(p_books -> 'orders') as x (
               client_order_id text, time_in_force text, order_status text, outbox_status text,
               is_young boolean)
    ), theirs as materialized (
        select t.* from recon.parse_orders(p_document) as t where t.client_order_id is not null
    ), strangers as (
        select t.client_order_id, t.defect, coalesce(s.value, 'NEVER_SENT') as owner,
               format('%s %s filled %s %s', t.symbol, t.order_qty, t.filled_qty, t.order_status)
               as told
          from theirs as t
          left join ours as o on o.client_order_id = t.client_order_id
          left join jsonb_each_text(p_books -> 'strangers') as s on s.key = t.client_order_id
         where o.client_order_id is null or o.outbox_status in ('PENDING', 'CLAIMED')
    )
    select case when t.owner = 'OTHER_ENGINE' then 'OTHER_ENGINE_ORDER'
                when t.owner = 'FOREIGN' and p_foreign_orders = 'IGNORE' then 'FOREIGN_ORDER'
                else 'UNKNOWN_ORDER' end,
           t.client_order_id, t.owner, t.told, false
      from strangers as t
     where t.owner <> 'EARLIER_RUN' and t.defect is null
     union all
    select case o.time_in_force when 'GTC' then 'MISSING_STOP' else 'MISSING_ORDER' end,
           o.client_order_id, o.order_status, 'none', o.is_young
      from ours as o
     where o.outbox_status in ('SENT', 'ACKED')
       and o.order_status not in ('FILLED', 'CANCELED', 'EXPIRED', 'REJECTED')
       and not exists (select from theirs as t where t.client_order_id = o.client_order_id);
$function$;

comment on function recon.list_order_drifts(jsonb, jsonb, text) is
$$Orders that only one side has: one at the broker that we never sent (`ours` says whose it is), or a
working one of ours that the broker does not show (MISSING_STOP when it protects a position).
Why: what is not there proves nothing about its end; it is never closed in silence.$$;

create or replace function recon.compare_orders(
    p_document jsonb,
    p_books    jsonb
)
returns table (
    client_order_id text,
    is_young        boolean,
    our_filled      bigint,
    their_filled    bigint,
    our_status      text,
    their_status    text,
    our_fields      text,
    their_fields    text,
    status_differs  boolean,
    is_forward      boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select o.client_order_id, o.is_young, o.filled_qty, t.filled_qty, o.order_status, t.order_status,
           f.our_fields, f.their_fields,
           t.filled_qty = o.filled_qty and t.order_status <> o.order_status
           and not (t.order_status = 'FILLED' and o.order_status = 'CANCELED'
                    and t.filled_qty < abs(t.order_qty)),
           exists (select from oms.order_moves as m
                    where m.from_status = o.order_status and m.to_status = t.order_status
                      and m.from_status not in ('FILLED', 'CANCELED', 'EXPIRED', 'REJECTED')
                      and m.to_status not in ('PARTIALLY_FILLED', 'FILLED'))
      from recon.parse_orders(p_document) as t
      join jsonb_to_recordset(p_books -> 'orders') as o (
           client_order_id text, symbol text, order_qty bigint, filled_qty bigint,
           order_type text, limit_price_micros bigint, stop_price_micros bigint,
           asked_stop_micros bigint, time_in_force text, order_status text,
           outbox_status text, is_young boolean) on o.client_order_id = t.client_order_id
      cross join lateral (
           select string_agg(v.name || ' ' || coalesce(v.ours, 'none'), ', ') as our_fields,
                  string_agg(v.name || ' ' || coalesce(v.theirs, 'none'), ', ') as their_fields
             from (values
                  ('symbol', o.symbol, t.symbol),
                  ('qty', o.order_qty::text, t.order_qty::text),
                  ('filled', greatest(o.filled_qty, t.filled_qty)::text, t.filled_qty::text),
                  ('type', o.order_type, coalesce(t.order_type, o.order_type)),
                  ('limit', o.limit_price_micros::text,
                   case when t.order_type is null and t.limit_price_micros is null
                        then o.limit_price_micros else t.limit_price_micros end::text),
                  ('stop', o.stop_price_micros::text, case
                       when t.order_type is null and t.stop_price_micros is null
                         or t.stop_price_micros = o.asked_stop_micros
                       then o.stop_price_micros else t.stop_price_micros end::text),
                  ('tif', o.time_in_force, coalesce(t.time_in_force, o.time_in_force))
                  ) as v (name, ours, theirs)
            where v.ours is distinct from v.theirs) as f
     where t.defect is null and o.outbox_status not in ('PENDING', 'CLAIMED');
$function$;

comment on function recon.compare_orders(jsonb, jsonb) is
$$Each order of ours that the broker shows beside what it shows: filled part, status, and the fields that
differ (symbol, quantity, filled part, type, limit, stop, time in force) in words of both sides. While a
replace is on its way the broker may show either stop. is_forward: our status can move to theirs.
A broker that leaves an order filled although a fill of it was taken back means what we call canceled.
Why: type, prices and time in force are compared when the broker tells them.$$;

create or replace function recon.list_field_drifts(
    p_document jsonb,
    p_books    jsonb
)
returns table (
    drift_kind text,
    drift_key  text,
    ours       text,
    theirs     text,
    is_young   boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with pairs as materialized (
        select c.* from recon.compare_orders(p_document, p_books) as c
    )
    select 'UNKNOWN_FILL', p.client_order_id, p.our_filled::text, p.their_filled::text, p.is_young
      from pairs as p
     where p.their_filled > p.our_filled
     union all
    select 'ORDER_STATUS', p.client_order_id, p.our_status, p.their_status, p.is_young
      from pairs as p
     where p.status_differs and p.is_forward and p.our_fields is null
     union all
    select 'ORDER_FIELD', p.client_order_id, concat_ws(', ', p.our_fields, s.ours),
           concat_ws(', ', p.their_fields, s.theirs), p.is_young
      from pairs as p
     cross join lateral (
           select case when p.status_differs then 'status ' || p.our_status end as ours,
                  case when p.status_differs then 'status ' || p.their_status end as theirs) as s
     where p.our_fields is not null or (p.status_differs and not p.is_forward);
$function$;

comment on function recon.list_field_drifts(jsonb, jsonb) is
$$Orders of ours that the broker shows otherwise: more filled than we booked, a status that ours can
still move to, or another symbol, quantity, filled part, type, limit, stop, time in force or status.
Why: a fill says more than a status.$$;

create or replace function recon.list_money_drifts(
    p_document jsonb,
    p_books    jsonb,
    p_policy   recon.tolerances
)
returns table (
    drift_kind text,
    drift_key  text,
    ours       text,
    theirs     text,
    is_young   boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with theirs as (
        select t.symbol, t.position_qty, t.defect
          from recon.parse_positions(p_document) as t
         where t.symbol is not null and t.defect is distinct from 'DuplicateSymbol'
    )
    select case when exists (
                     select from jsonb_to_recordset(p_books -> 'actions') as a (
                          symbol text, held_qty bigint, new_qty bigint)
                      where a.symbol = coalesce(t.symbol, o.symbol)
                        and a.held_qty = coalesce(t.position_qty, 0)
                        and a.new_qty = coalesce(o.position_qty, 0)) then 'SPLIT_LATE'
                when coalesce(o.position_qty, 0) = 0 then 'UNKNOWN_POSITION'
                else 'POSITION' end,
           coalesce(t.symbol, o.symbol), coalesce(o.position_qty, 0)::text,
           coalesce(t.position_qty, 0)::text, coalesce(o.is_young, false)
      from theirs as t
      full join jsonb_to_recordset(p_books -> 'positions') as o (
           symbol text, position_qty bigint, is_young boolean) on o.symbol = t.symbol
     where t.defect is null
       and abs(coalesce(t.position_qty, 0) - coalesce(o.position_qty, 0))
           > p_policy.position_tolerance_qty
     union all
    select case when recon.is_explained_cash(
                     o.cash_micros - recon.parse_money(p_document ->> 'cash'), p_books -> 'actions',
                     p_policy.cash_tolerance_micros) then 'ACTION_CASH_LATE' else 'CASH' end,
           'USD', core.format_micros(o.cash_micros),
           coalesce(left(p_document ->> 'cash', 100), 'none'),
           (p_books ->> 'cash_is_young')::boolean
      from (select (p_books ->> 'cash_micros')::bigint as cash_micros) as o
     where coalesce(abs(recon.parse_money(p_document ->> 'cash') - o.cash_micros)
                    > p_policy.cash_tolerance_micros, true);
$function$;

comment on function recon.list_money_drifts(jsonb, jsonb, recon.tolerances) is
$$Positions and cash on which a snapshot and our books differ by more than the tolerance; cash that
cannot be read is a difference. Positions are compared as totals.
SPLIT_LATE, ACTION_CASH_LATE: the broker shows exactly what we had before corporate actions that we have
booked of late.
Why: a total needs no history, however old the position is.$$;

create or replace function recon.list_drifts(
    p_document jsonb,
    p_books    jsonb,
    p_policy   recon.tolerances
)
returns table (
    drift_kind text,
    drift_key  text,
    ours       text,
    theirs     text,
    is_young   boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select distinct on (d.drift_kind, d.drift_key) d.*
      from (select * from recon.list_row_drifts(p_document)
             union all
            select * from recon.list_order_drifts(p_document, p_books, p_policy.foreign_orders)
             union all
            select * from recon.list_field_drifts(p_document, p_books)
             union all
            select * from recon.list_money_drifts(p_document, p_books, p_policy)) as d
     where p_document ->> 'account_id' = p_books ->> 'account_id'
     union all
    select 'OTHER_ACCOUNT', 'account', p_books ->> 'account_id',
           left(p_document ->> 'account_id', 100), false
     where p_document ->> 'account_id' <> p_books ->> 'account_id'
     order by 1, 2, 3, 4;
$function$;

comment on function recon.list_drifts(jsonb, jsonb, recon.tolerances) is
$$Every difference between a snapshot and our books, in a fixed order. Of another account's snapshot
only that is said.
Why: it reads its arguments and closed lists, no books, so the same documents give the same answer.$$;

create or replace function recon.evaluate_drifts(
    p_run_id       uuid,
    p_snapshot_seq bigint,
    p_books        jsonb,
    p_now_at       timestamptz
)
returns setof recon.drifts
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select row(p_run_id, p_snapshot_seq, d.drift_kind, d.drift_key, d.ours, d.theirs,
               f.first_seen_at, d.is_young,
               not k.is_graced
               or (b.drift_key is not null
                   and f.first_seen_at <= p_now_at - l.grace_ms * interval '1 ms'
                   and (not d.is_young
                        or f.first_seen_at <= p_now_at - l.max_age_ms * interval '1 ms'))
           )::recon.drifts
      from recon.snapshots as s
      join recon.tolerances as l using (run_id)
     cross join lateral recon.list_drifts(s.document, p_books, l) as d
      join recon.drift_kinds as k using (drift_kind)
      left join recon.drifts as b
        on b.run_id = p_run_id and b.snapshot_seq = p_snapshot_seq - 1
       and b.drift_kind = d.drift_kind and b.drift_key = d.drift_key
     cross join lateral (select coalesce(b.first_seen_at, p_now_at) as first_seen_at) as f
     where s.run_id = p_run_id and s.snapshot_seq = p_snapshot_seq
     order by d.drift_kind, d.drift_key collate "C";
$function$;

comment on function recon.evaluate_drifts(uuid, bigint, jsonb, timestamptz) is
$$The differences of a stored snapshot to given books, with their age. One is settled when the snapshot
before showed it too and it has lasted for the grace; one on which our side moved after the capture
when it has outlived the greatest age of a snapshot; one that cannot be in flight at once.
Why: a fill may reach one side before the other, but not for ever.$$;

create or replace function recon.count_drifts(
    p_drifts recon.drifts[]
)
returns table (
    order_drifts     bigint,
    position_drifts  bigint,
    cash_drifts      bigint,
    other_drifts     bigint,
    warning_drifts   bigint,
    unsettled_drifts bigint,
    info_drifts      bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with judged as (
        select k.drift_group, k.severity, d.is_settled,
               k.severity = 'CRITICAL' and d.is_settled as counts
          from unnest(p_drifts) as d
          join recon.drift_kinds as k using (drift_kind)
    )
    select count(*) filter (where j.counts and j.drift_group = 'ORDER'),
           count(*) filter (where j.counts and j.drift_group = 'POSITION'),
           count(*) filter (where j.counts and j.drift_group = 'CASH'),
           count(*) filter (where j.counts and j.drift_group = 'OTHER'),
           count(*) filter (where j.severity = 'WARN' and j.is_settled),
           count(*) filter (where j.severity <> 'INFO' and not j.is_settled),
           count(*) filter (where j.severity = 'INFO')
      from judged as j;
$function$;

comment on function recon.count_drifts(recon.drifts[]) is
$$Counts differences by what they mean: settled critical ones by group, settled warnings, ones that may
still be in flight, and what is only mentioned.$$;

create or replace function recon.hash_drifts(
    p_drifts recon.drifts[]
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select core.hash_text(coalesce(string_agg(
               jsonb_build_array(
                   d.drift_kind, d.drift_key, d.ours, d.theirs, core.format_iso(d.first_seen_at),
                   d.is_young, d.is_settled)::text,
               e'\n' order by d.drift_kind collate "C", d.drift_key collate "C"), ''))
      from unnest(p_drifts) as d;
$function$;

comment on function recon.hash_drifts(recon.drifts[]) is
$$Hash of the differences of one comparison, in hex; their order does not matter.$$;

create or replace function recon.find_defect(
    p_run      run.runs,
    p_document jsonb,
    p_now_at   timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case
        when jsonb_typeof(p_document -> 'orders') is distinct from 'array'
          or jsonb_typeof(p_document -> 'positions') is distinct from 'array' then 'MALFORMED'
        when p_document ->> 'source' is distinct from c.config #>> '{broker,name}'
            then 'OTHER_SOURCE'
        when coalesce(p_document ->> 'account_id', '') = '' then 'NO_ACCOUNT'
        when t.captured_at is null then 'NO_TIMESTAMP'
        when t.captured_at > p_now_at + interval '2 s' then 'FUTURE'
        when t.captured_at < p_now_at - l.max_age_ms * interval '1 ms' then 'TOO_OLD'
        when t.captured_at <= (select max(s.captured_at) from recon.snapshots as s
                                where s.run_id = p_run.run_id) then 'NOT_NEWER' end
      from recon.tolerances as l
      join run.configs as c on c.config_hash = p_run.config_hash
     cross join lateral (select recon.parse_captured_at(p_document) as captured_at) as t
     where l.run_id = p_run.run_id;
$function$;

comment on function recon.find_defect(run.runs, jsonb, timestamptz) is
$$Why a broker snapshot proves nothing, or null: MALFORMED, OTHER_SOURCE than the run's broker,
NO_ACCOUNT, NO_TIMESTAMP, FUTURE, TOO_OLD, NOT_NEWER than the last one that was compared.
Why: a frozen or replayed snapshot must not look like a fresh clean one.$$;

create or replace function recon.refuse_snapshot(
    p_run_id   uuid,
    p_defect   text,
    p_document jsonb,
    p_now_at   timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into recon.refusals (run_id, refusal_seq, defect, document, refused_at)
    select p_run_id, coalesce(max(r.refusal_seq), 0) + 1, p_defect,
           coalesce(p_document, 'null'), run.clamp_now(p_run_id, p_now_at)
      from recon.refusals as r
     where r.run_id = p_run_id;
    select audit.append_event(
        p_run_id, 'RECON', 'SNAPSHOT_REFUSED',
        jsonb_build_object('defect', p_defect,
                           'document_sha256', core.hash_text(coalesce(p_document, 'null')::text)),
        p_now_at);
$function$;

comment on function recon.refuse_snapshot(uuid, text, jsonb, timestamptz) is
$$Keeps a snapshot that proves nothing, as it came, and why. The caller holds the run's lock.
Why: it opens nothing and shuts nothing; but a broker that sends such is worth remembering.$$;

create or replace function recon.store_snapshot(
    p_run_id   uuid,
    p_document jsonb,
    p_now_at   timestamptz
)
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into recon.snapshots (
        run_id, snapshot_seq, prior_captured_at, account_id, source, captured_at, document,
        received_at)
    select p_run_id, coalesce(b.snapshot_seq, 0) + 1, b.captured_at, p_document ->> 'account_id',
           p_document ->> 'source', recon.parse_captured_at(p_document), p_document, p_now_at
      from (select) as one
      left join (select s.snapshot_seq, s.captured_at from recon.snapshots as s
                  where s.run_id = p_run_id
                  order by s.snapshot_seq desc limit 1) as b on true
    returning snapshot_seq;
$function$;

comment on function recon.store_snapshot(uuid, jsonb, timestamptz) is
$$Stores a snapshot verbatim behind the one before; gives its number.
Raises: 23514 it was not captured after the one before.$$;

create or replace function recon.compare(
    p_run          run.runs,
    p_snapshot_seq bigint,
    p_now_at       timestamptz
)
returns recon.comparisons
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_snapshot recon.snapshots;
    v_books    jsonb;
    v_drifts   recon.drifts[];
    v_result   recon.comparisons;
begin
    select s.* into strict v_snapshot from recon.snapshots as s
     where s.run_id = p_run.run_id and s.snapshot_seq = p_snapshot_seq;
    v_books := recon.get_books(p_run, v_snapshot.document, v_snapshot.captured_at);
    select array_agg(d) into v_drifts
      from recon.evaluate_drifts(p_run.run_id, p_snapshot_seq, v_books, p_now_at) as d;
    insert into recon.comparisons (
        run_id, snapshot_seq, document_sha256, books, order_drifts, position_drifts, cash_drifts,
        other_drifts, warning_drifts, unsettled_drifts, info_drifts, drifts_sha256, compared_at)
    select p_run.run_id, p_snapshot_seq, v_snapshot.document_sha256, v_books, c.order_drifts,
           c.position_drifts, c.cash_drifts, c.other_drifts, c.warning_drifts, c.unsettled_drifts,
           c.info_drifts, recon.hash_drifts(v_drifts), p_now_at
      from recon.count_drifts(v_drifts) as c
    returning * into v_result;
    insert into recon.drifts
    select d.* from unnest(v_drifts) as d;
    return v_result;
end;
$function$;

comment on function recon.compare(run.runs, bigint, timestamptz) is
$$Compares a stored snapshot with our orders, positions and cash; stores and gives the result.
Why: a difference counts only once it has lasted for the grace; until then it may be in flight.
The books are never changed to agree.$$;

create or replace function recon.repair_statuses(
    p_run_id       uuid,
    p_snapshot_seq bigint,
    p_now_at       timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_drift record;
    v_seq   bigint;
    v_count bigint := 0;
begin
    for v_drift in
        select d.drift_kind, d.drift_key, d.theirs as to_status, o.order_id
          from recon.drifts as d
          join recon.drift_kinds as k using (drift_kind)
          join oms.orders as o on o.run_id = d.run_id and o.client_order_id = d.drift_key
         where d.run_id = p_run_id and d.snapshot_seq = p_snapshot_seq
           and d.is_settled and k.repair_class = 'FORWARD_STATUS'
         order by o.order_id
    loop
        v_seq := oms.follow_status(
            p_run_id, v_drift.order_id, v_drift.to_status,
            format('snapshot %s says %s', p_snapshot_seq, v_drift.to_status), p_now_at);
        continue when v_seq is null;
        insert into recon.repairs (
            run_id, snapshot_seq, drift_kind, drift_key, order_id, history_seq, to_status,
            repaired_at)
        values (p_run_id, p_snapshot_seq, v_drift.drift_kind, v_drift.drift_key,
                v_drift.order_id, v_seq, v_drift.to_status, p_now_at);
        v_count := v_count + 1;
    end loop;
    return v_count;
end;
$function$;

comment on function recon.repair_statuses(uuid, bigint, timestamptz) is
$$Moves our own orders forward to the status that a snapshot shows, where that lasted for the grace and
no fill is missing; gives how many. Each repair is kept.
Why: the one thing that reconcile may mend; shares and money are never among it.$$;

create or replace function recon.end_proof(
    p_run_id       uuid,
    p_snapshot_seq bigint,
    p_now_at       timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    select run.set_gate(p_run_id, 'RECON', true, h.reason, h.evidence, p_now_at, p_now_at)
      from run.gates as g
      join run.gate_history as h using (run_id, gate, gate_seq)
     where g.run_id = p_run_id and g.gate = 'RECON' and g.is_open
       and exists (select from recon.drifts as d
                     join recon.drift_kinds as k using (drift_kind)
                    where d.run_id = p_run_id and d.snapshot_seq = p_snapshot_seq
                      and k.severity = 'CRITICAL');
$function$;

comment on function recon.end_proof(uuid, bigint, timestamptz) is
$$Lets the proof of an open gate RECON expire now when a snapshot shows a critical difference, even one that
may be in flight; the next snapshot that agrees brings it back.
Why: a halted run closes only positions that the last snapshot does not contradict. Somebody else may
have closed them, and what is sold twice is a short.$$;

create or replace function recon.submit_snapshot(
    p_run_id   uuid,
    p_document jsonb,
    p_now_at   timestamptz
)
returns table (
    verdict text,
    detail  text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run      run.runs;
    v_now      timestamptz;
    v_result   recon.comparisons;
    v_repaired bigint;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    v_now := run.clamp_now(p_run_id, p_now_at);
    detail := recon.find_defect(v_run, p_document, v_now);
    if detail is not null then
        perform recon.refuse_snapshot(p_run_id, detail, p_document, p_now_at);
        verdict := 'REFUSED';
    else
        detail := oms.find_action_defect(p_run_id, null, v_now);
        verdict := case when detail is not null then 'PENDING' end;
    end if;
    if verdict is not null then
        return next;
        return;
    end if;
    v_result := recon.compare(v_run, recon.store_snapshot(p_run_id, p_document, v_now), v_now);
    v_repaired := recon.repair_statuses(p_run_id, v_result.snapshot_seq, v_now);

    select string_agg(format('%s %s: ours %s, theirs %s', d.drift_kind, d.drift_key, d.ours, d.theirs),
                      '; ' order by k.severity, d.drift_kind, d.drift_key collate "C")
      into detail
      from recon.drifts as d
      join recon.drift_kinds as k using (drift_kind)
     where d.run_id = p_run_id and d.snapshot_seq = v_result.snapshot_seq;
    perform audit.append_event(
        p_run_id, 'RECON', 'COMPARED_' || v_result.verdict,
        jsonb_build_object('snapshot_seq', v_result.snapshot_seq, 'drifts', left(detail, 1000),
                           'repaired', v_repaired, 'result_sha256', v_result.result_sha256), p_now_at);
    if v_result.verdict <> 'PENDING' then
        perform run.set_gate(
            p_run_id, 'RECON', v_result.verdict = 'CLEAN',
            case v_result.verdict when 'CLEAN' then 'books agree with the broker'
                                  else left(detail, 500) end,
            jsonb_build_object('snapshot_seq', v_result.snapshot_seq),
            least(v_now, recon.parse_captured_at(p_document))
            + v_run.gate_ttl_ms * interval '1 ms', p_now_at);
    elsif v_run.run_status = 'HALTED' then
        perform recon.end_proof(p_run_id, v_result.snapshot_seq, v_now);
    end if;
    verdict := v_result.verdict;
    return next;
end;
$function$;

comment on function recon.submit_snapshot(uuid, jsonb, timestamptz) is
$$Stores a broker snapshot, compares it with our books and sets gate RECON; gives CLEAN, PENDING
(differences that may be in flight or were just mended: the gate stays as it is until its proof
expires; of a halted run it expires now), DIRTY (run halted) or REFUSED, with the differences or the defect.
document: {source, account_id, captured_at, cash, orders [{client_order_id, symbol, side, qty,
filled_qty, status, type, limit_price, stop_price, time_in_force}], positions
[{symbol, qty}]}, numbers as text.
While a corporate action is due it is PENDING and not compared: the books are not what they will be.
Why: the verdict is computed from the stored document; a caller cannot pass one in.
Raises: MQN02; MQA03.$$;

create or replace function recon.find_books_defect(
    p_run_id uuid,
    p_books  jsonb
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case
        when not exists (
            select from ledger.entries as e
             where e.run_id = p_run_id and e.entry_seq = (p_books ->> 'entry_seq')::bigint
               and e.cash_micros = (p_books ->> 'cash_micros')::bigint)
            then 'its cash is not the ledger''s'
        when exists (
            select
              from (select e.symbol, sum(e.qty_delta) as position_qty
                      from ledger.entries as e
                     where e.run_id = p_run_id and e.symbol is not null
                       and e.entry_seq <= (p_books ->> 'entry_seq')::bigint
                     group by e.symbol) as f
              full join jsonb_to_recordset(p_books -> 'positions') as p (
                   symbol text, position_qty bigint) on p.symbol = f.symbol
             where coalesce(f.position_qty, 0) <> coalesce(p.position_qty, 0))
            then 'its positions are not the ledger''s'
        when exists (
            select from ledger.entries as e
              left join ledger.fills as f using (run_id, fill_seq)
             where e.run_id = p_run_id and e.entry_kind in ('FILL', 'REVERSAL')
               and e.entry_seq <= (p_books ->> 'entry_seq')::bigint
               and e.qty_delta is distinct from f.fill_qty
               and not exists (select from ledger.adjustments as a
                                where a.run_id = p_run_id and a.symbol = f.symbol
                                  and a.action_kind = 'SPLIT'))
            then 'its positions are not the fills'''
        when exists (
            select
              from jsonb_to_recordset(p_books -> 'orders') as o (
                   order_id uuid, status_seq bigint, order_status text, filled_qty bigint)
             where not exists (
                   select from oms.order_history as h
                    where h.run_id = p_run_id and h.order_id = o.order_id
                      and h.history_seq = o.status_seq and h.to_status = o.order_status
                      and h.cum_qty = o.filled_qty))
            then 'its orders are not the history''s' end;
$function$;

comment on function recon.find_books_defect(uuid, jsonb) is
$$How the books that a comparison kept differ from ledger and order history as of then, or null.$$;

create or replace function recon.find_difference(
    p_comparison recon.comparisons
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with kept as (
        select array_agg(d) as drifts from recon.drifts as d
         where d.run_id = p_comparison.run_id and d.snapshot_seq = p_comparison.snapshot_seq
    ), again as (
        select array_agg(d) as drifts
          from recon.evaluate_drifts(
               p_comparison.run_id, p_comparison.snapshot_seq, p_comparison.books,
               p_comparison.compared_at) as d
    )
    select case
        when not exists (
            select from recon.snapshots as s
             where s.run_id = p_comparison.run_id and s.snapshot_seq = p_comparison.snapshot_seq
               and s.document_sha256 = p_comparison.document_sha256)
            then 'the snapshot is not the one that was compared'
        when recon.hash_drifts(k.drifts) <> p_comparison.drifts_sha256
            then 'the differences that were kept are not those that were judged'
        when recon.hash_drifts(a.drifts) <> p_comparison.drifts_sha256
            then 'snapshot and books give other differences'
        when (c.order_drifts, c.position_drifts, c.cash_drifts, c.other_drifts, c.warning_drifts,
              c.unsettled_drifts, c.info_drifts)
             <> (p_comparison.order_drifts, p_comparison.position_drifts,
                 p_comparison.cash_drifts, p_comparison.other_drifts,
                 p_comparison.warning_drifts, p_comparison.unsettled_drifts,
                 p_comparison.info_drifts) then 'the counts are not those of its differences'
        else recon.find_books_defect(p_comparison.run_id, p_comparison.books) end
      from kept as k
     cross join again as a
     cross join lateral recon.count_drifts(a.drifts) as c;
$function$;

comment on function recon.find_difference(recon.comparisons) is
$$Computes a comparison again from what was stored; gives where it comes out otherwise, or null.
Why: a verdict that nobody can recompute is only a claim.$$;

create or replace function recon.verify_run(
    p_run_id uuid
)
returns table (
    comparisons  bigint,
    snapshot_seq bigint,
    problem      text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select (select count(*) from recon.comparisons as c where c.run_id = p_run_id),
           d.snapshot_seq, d.problem
      from (select) as one
      left join lateral (
           select c.snapshot_seq, f.problem
             from recon.comparisons as c
            cross join lateral recon.find_difference(c) as f (problem)
            where c.run_id = p_run_id and f.problem is not null
            order by c.snapshot_seq
            limit 1) as d on true;
$function$;

comment on function recon.verify_run(uuid) is
$$Computes every comparison of a run again; one row: how many there are, and the first one that comes
out otherwise, with where; both null when all agree.$$;

create or replace trigger _900_refuse_change before update or delete on recon.snapshots
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on recon.refusals
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on recon.comparisons
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on recon.drifts
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on recon.repairs
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on recon.tolerances
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.snapshots
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.refusals
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.comparisons
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.drifts
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.repairs
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.tolerances
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on recon.drift_kinds
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.drift_kinds
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on recon.broker_statuses
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on recon.broker_statuses
for each statement execute function core.tg_refuse_change();

commit;
