-- Deploy mqk:replay/code to pg
-- built from sql/replay by `make code`: edit there

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

create or replace function replay.list_rows(
    p_table_name text,
    p_rows       jsonb,
    p_is_closed  boolean default false
)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce(jsonb_agg(jsonb_build_object('table_name', p_table_name, 'row_data', r.value)), '[]')
      from jsonb_array_elements(coalesce(nullif(p_rows, 'null'), '[]')) as r
     where not p_is_closed or r.value -> 'open_qty' = '0';
$function$;

comment on function replay.list_rows(text, jsonb, boolean) is
$$Rows of a table, each with the table's name; with p_is_closed only lots with nothing left.$$;

create or replace function replay.list_left_out()
returns table (
    table_name  text,
    key_columns text[],
    left_out    text[]
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select p.table_name, p.key_columns, p.left_out || array(
               select a.attname::text from pg_attribute as a
                where a.attrelid = to_regclass(p.table_name) and a.attgenerated <> ''
                  and a.attname !~ '_sha256$')
      from replay.places as p
     where p.place = 'STATE';
$function$;

comment on function replay.list_left_out() is
$$The tables of state with what names a row, and the columns that are not compared: those that the diary
does not tell and those that Postgres computes from the others, but for digests.$$;

create or replace function replay.fold_run(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name text,
    row_data   jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
    with said as materialized (
        select e.* from audit.events as e
         where e.chain_id = p_run_id and e.occurred_at <= p_until_at
           and e.topic in ('RUNTIME', 'LEDGER')
    ), created as (
        select s.* from said as s where s.event_name = 'RUN_CREATED'
    ), moves as (
        select m.*, row_number() over (order by m.event_seq) as history_seq,
               coalesce(lag(m.to_status) over (order by m.event_seq), 'NEW') as from_status
          from (select s.*, replace(s.event_name, 'RUN_', '') as to_status
                  from said as s
                 where s.event_name in ('RUN_CREATED', 'RUN_ARMED', 'RUN_RUNNING', 'RUN_STOPPED',
                                        'RUN_HALTED')) as m
    )
    select 'run.run_history', to_jsonb(h)
      from (select m.chain_id as run_id, m.history_seq, m.from_status, m.to_status,
                   coalesce(m.payload ->> 'reason', 'created') as reason, m.actor,
                   case m.history_seq when 1 then m.reported_at else m.occurred_at end as moved_at
              from moves as m) as h
     union all
    select 'run.runs', to_jsonb(jsonb_populate_record(null::run.runs, c.payload)) || jsonb_build_object(
               'run_id', c.chain_id, 'created_by', c.actor, 'created_at', c.reported_at,
               'status_seq', l.history_seq, 'run_status', l.to_status,
               'armed_epoch', (select count(*) from moves as m where m.to_status = 'ARMED'))
      from created as c
     cross join (select m.* from moves as m order by m.history_seq desc limit 1) as l
     union all
    select 'run.universe', jsonb_build_object('run_id', c.chain_id, 'symbol', u.symbol)
      from created as c cross join jsonb_array_elements_text(c.payload -> 'symbols') as u (symbol)
     union all
    select distinct 'run.approvals', jsonb_build_object(
               'run_id', s.chain_id, 'approved_by', s.actor, 'words', s.payload ->> 'words',
               'approved_at', s.occurred_at)
      from said as s where s.event_name = 'RUN_APPROVED'
     union all
    select 'audit.chains', to_jsonb(h)
      from (select e.chain_id, e.chain_id as run_id, f.prev_hash as root_hash,
                   e.event_seq as last_seq, e.event_hash as last_hash, e.occurred_at as last_at
              from audit.events as e
              join audit.events as f on f.chain_id = e.chain_id and f.event_seq = 1
             where e.chain_id = p_run_id and e.occurred_at <= p_until_at
             order by e.event_seq desc limit 1) as h;
$function$;

comment on function replay.fold_run(uuid, timestamptz) is
$$A run as its diary tells it: terms, status and its history, universe, approvals, the diary's head.
Why: each status follows from the one before it; nothing but the diary is read.$$;

create or replace function replay.fold_workers(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name text,
    row_data   jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
    with said as materialized (
        select e.*, r.payload as run
          from audit.events as e
          join audit.events as r on r.chain_id = e.chain_id and r.event_name = 'RUN_CREATED'
         where e.chain_id = p_run_id and e.occurred_at <= p_until_at
           and e.event_name in ('WORKER_REGISTERED', 'LEASE_TAKEN')
    )
    select 'run.workers', to_jsonb(w)
      from (select distinct on (s.payload ->> 'worker_kind')
                   s.chain_id as run_id, s.payload ->> 'worker_kind' as worker_kind,
                   s.payload ->> 'worker_name' as worker_name, s.payload ->> 'build' as build,
                   s.payload -> 'secret_names' as secret_names, s.actor,
                   s.occurred_at as registered_at
              from said as s where s.event_name = 'WORKER_REGISTERED'
             order by s.payload ->> 'worker_kind', s.event_seq desc) as w
     union all
    select 'run.lease_history', to_jsonb(l)
      from (select s.run ->> 'engine_id' as engine_id, s.run ->> 'account_id' as account_id,
                   s.payload ->> 'worker_kind' as worker_kind,
                   (s.payload ->> 'lease_epoch')::bigint as lease_epoch, s.chain_id as run_id,
                   s.payload ->> 'worker_name' as worker_name, s.actor, s.reported_at as taken_at
              from said as s where s.event_name = 'LEASE_TAKEN') as l;
$function$;

comment on function replay.fold_workers(uuid, timestamptz) is
$$Who works for a run and who has led, as its diary tells it.$$;

create or replace function replay.fold_gates(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name text,
    row_data   jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
    with said as materialized (
        select e.* from audit.events as e
         where e.chain_id = p_run_id and e.occurred_at <= p_until_at
           and e.event_name in ('GATE_OPENED', 'GATE_SHUT')
    ), moves as (
        select s.chain_id as run_id, s.payload ->> 'gate' as gate,
               row_number() over (partition by s.payload ->> 'gate' order by s.event_seq) as gate_seq,
               s.event_name = 'GATE_OPENED' as is_open, s.payload ->> 'reason' as reason,
               s.payload -> 'evidence' as evidence, s.actor, s.occurred_at as observed_at
          from said as s
    )
    select 'run.gate_history', to_jsonb(m) from moves as m
     union all
    select 'run.gates', to_jsonb(g)
      from (select distinct on (m.gate) m.run_id, m.gate, m.gate_seq, m.is_open
              from moves as m order by m.gate, m.gate_seq desc) as g;
$function$;

comment on function replay.fold_gates(uuid, timestamptz) is
$$The gates of a run and their history, as its diary tells them. Until when a gate is fresh is not told:
that passes by itself.$$;

create or replace function replay.fold_halts(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name text,
    row_data   jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
    with said as materialized (
        select e.*, count(*) filter (where e.event_name in (
                   'RUN_CREATED', 'RUN_ARMED', 'RUN_RUNNING', 'RUN_STOPPED', 'RUN_HALTED'))
                   over (order by e.event_seq) as history_seq
          from audit.events as e
         where e.chain_id = p_run_id and e.occurred_at <= p_until_at and e.topic in ('RUNTIME', 'RISK')
    ), trips as (
        select s.*, row_number() over (order by s.event_seq) as trip_seq,
               row_number() over (partition by s.history_seq order by s.event_seq) as nth
          from said as s where s.event_name = 'TRIPPED'
    ), flattens as (
        select f.*, a.actor as asked_by, a.payload ->> 'reason' as reason, a.occurred_at as asked_at
          from (select distinct on (s.payload -> 'halted_seq') s.*
                  from said as s
                 where s.event_name in ('FLATTEN_ASKED', 'FLATTENED', 'FLATTEN_WAITS', 'FLATTEN_GOES_ON')
                 order by s.payload -> 'halted_seq', s.event_seq desc) as f
          join said as a
            on a.event_name = 'FLATTEN_ASKED' and a.payload -> 'halted_seq' = f.payload -> 'halted_seq'
    )
    select 'run.trips', jsonb_build_object(
               'run_id', t.chain_id, 'trip_seq', t.trip_seq,
               'trip_kind', t.payload ->> 'trip_kind', 'halted_seq', t.history_seq,
               'reason', t.payload ->> 'reason',
               'evidence', coalesce(nullif(t.payload -> 'evidence', 'null'), '{}') || jsonb_build_object(
                   'found', case when t.nth > 1 then 'HALTED' else b.status end),
               'actor', t.actor, 'tripped_at', t.occurred_at)
      from trips as t
      left join lateral (
           select replace(s.event_name, 'RUN_', '') as status from said as s
            where s.history_seq = t.history_seq - 1 and s.event_name ~ '^RUN_'
              and s.event_name <> 'RUN_APPROVED'
            order by s.event_seq limit 1) as b on true
     union all
    select 'risk.flattens', jsonb_build_object(
               'run_id', f.chain_id, 'halted_seq', f.payload -> 'halted_seq', 'reason', f.reason,
               'actor', f.asked_by, 'asked_at', f.asked_at,
               'waits_for', f.payload ->> 'waits_for',
               'done_at', case f.event_name when 'FLATTENED' then f.occurred_at end)
      from flattens as f;
$function$;

comment on function replay.fold_halts(uuid, timestamptz) is
$$Which kill switches were pulled, at which halt, and what flattening became of, as the diary tells it.$$;

create or replace function replay.fold_decisions(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name text,
    row_data   jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
    with said as materialized (
        select e.* from audit.events as e
         where e.chain_id = p_run_id and e.occurred_at <= p_until_at
           and (e.topic = 'STRATEGY' or e.event_name in ('ORDER_ALLOW', 'ORDER_DENY', 'ORDER_REJECTED',
                                                         'ORDER_ENQUEUED', 'RUN_CREATED'))
    ), decided as (
        select s.*, s.payload ->> 'strategy_id' as strategy_id,
               (s.payload ->> 'bar_end_at')::timestamptz as bar_end_at
          from said as s where s.event_name = 'TARGETS_DECIDED'
    ), rejected as (
        select distinct on (s.payload ->> 'client_order_id') s.*
          from said as s where s.event_name = 'ORDER_REJECTED'
         order by s.payload ->> 'client_order_id', s.event_seq
    )
    select 'strat.decisions', jsonb_build_object(
               'run_id', d.chain_id, 'strategy_id', d.strategy_id, 'bar_end_at', d.bar_end_at,
               'context_sha256', d.payload ->> 'context_sha256', 'decided_at', d.occurred_at)
      from decided as d
     union all
    select 'strat.targets', jsonb_build_object(
               'run_id', d.chain_id, 'strategy_id', d.strategy_id, 'bar_end_at', d.bar_end_at,
               'symbol', u.symbol) || to_jsonb(strat.parse_target(
                   coalesce(d.payload -> 'targets' -> u.symbol, '0')))
      from decided as d
      join said as c on c.event_name = 'RUN_CREATED'
     cross join jsonb_array_elements_text(c.payload -> 'symbols') as u (symbol)
     union all
    select 'risk.decisions', jsonb_build_object(
               'run_id', s.chain_id, 'intent_id', s.payload ->> 'intent_id',
               'verdict', replace(s.event_name, 'ORDER_', ''), 'rule', s.payload ->> 'rule',
               'symbol', s.payload ->> 'symbol', 'order_qty', s.payload -> 'order_qty',
               'decided_at', s.reported_at)
      from said as s where s.event_name in ('ORDER_ALLOW', 'ORDER_DENY')
     union all
    select 'risk.rejects', jsonb_build_object(
               'run_id', r.chain_id, 'reject_seq', row_number() over (order by r.event_seq),
               'reference', core.derive_id(
                   'order', array[r.chain_id::text, e.payload ->> 'intent_id'])::text,
               'rejected_at', r.occurred_at)
      from rejected as r
      join said as e
        on e.event_name = 'ORDER_ENQUEUED'
       and e.payload -> 'client_order_id' = r.payload -> 'client_order_id';
$function$;

comment on function replay.fold_decisions(uuid, timestamptz) is
$$What was decided, allowed, denied and rejected, as the diary tells it.$$;

create or replace function replay.fold_limits(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name text,
    row_data   jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
    with began as (
        select e.* from audit.events as e
         where e.chain_id = p_run_id and e.occurred_at <= p_until_at and e.event_name = 'LIMITS_SET'
    ), points as (
        select 0 as point_seq, (b.payload ->> 'session_on')::date as session_on,
               (b.payload ->> 'equity_micros')::bigint as equity, 0::bigint as gross
          from began as b
         union all
        select p.point_seq, p.session_on, p.equity_micros, p.gross_micros
          from ledger.equity_points as p
         where p.run_id = p_run_id and p.marked_at <= p_until_at
    ), days as (
        select p.*, max(p.session_on) over w as day_on,
               max(p.equity) over w as peak,
               lag(p.equity) over w as before_equity,
               lag(p.session_on) over w as before_on
          from points as p
        window w as (order by p.point_seq)
    ), started as (
        select d.*, count(*) filter (where d.session_on > d.before_on) over (order by d.point_seq)
                   as day_no
          from days as d
    ), based as (
        select s.*, first_value(coalesce(s.before_equity, s.equity))
                   over (partition by s.day_no order by s.point_seq) as day_start
          from started as s
    )
    select 'risk.states', to_jsonb(z)
      from (select p_run_id as run_id, b.day_on as session_on, b.day_start as day_start_micros,
                   b.peak as peak_micros, b.equity as equity_micros, b.gross as gross_micros,
                   max(greatest(b.day_start - b.equity, 0)) over w as worst_day_micros,
                   max(b.peak - b.equity) over w as worst_fall_micros
              from based as b
            window w as (order by b.point_seq)
             order by b.point_seq desc limit 1) as z
     union all
    select 'risk.limits', b.payload -> 'limits' || jsonb_build_object('run_id', b.chain_id)
      from began as b;
$function$;

comment on function replay.fold_limits(uuid, timestamptz) is
$$The limits of a run as its diary tells them, and its risk state: day start, peak and worst falls over all
points of its equity.$$;

create or replace function replay.fold_orders(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name text,
    row_data   jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
    with said as materialized (
        select e.*, e.payload ->> 'client_order_id' as name,
               core.derive_id('order', array[e.chain_id::text, e.payload ->> 'intent_id']) as order_id
          from audit.events as e
         where e.chain_id = p_run_id and e.occurred_at <= p_until_at
           and e.topic = 'OMS' and e.event_name ~ '^ORDER_'
    ), made as (
        select s.* from said as s where s.event_name = 'ORDER_ENQUEUED'
    ), moves as (
        select m.chain_id as run_id, m.order_id, s.event_seq, s.event_name = 'ORDER_ENQUEUED' as is_new,
               case s.event_name when 'ORDER_ENQUEUED' then 'NEW'
                                 else replace(s.event_name, 'ORDER_', '') end as to_status,
               s.payload, abs((m.payload ->> 'order_qty')::bigint) as total_qty,
               row_number() over w as history_seq, max(s.reported_at) over w as moved_at
          from said as s
          join made as m using (name)
        window w as (partition by m.order_id order by s.event_seq)
    ), history as (
        select m.run_id, m.order_id, m.history_seq,
               coalesce(lag(m.to_status) over (partition by m.order_id order by m.history_seq), 'NONE')
                   as from_status,
               m.to_status, coalesce((m.payload ->> 'cum_qty')::bigint, 0) as cum_qty,
               coalesce((m.payload ->> 'working_qty')::bigint, m.total_qty) as working_qty,
               coalesce((m.payload ->> 'gap_qty')::bigint, 0) as gap_qty,
               coalesce(m.payload ->> 'pending_op', 'NONE') as pending_op,
               case when m.is_new then 'enqueued' else m.payload ->> 'reason' end as reason, m.moved_at
          from moves as m
    )
    select 'oms.order_history', to_jsonb(h) from history as h
     union all
    select 'oms.orders', jsonb_build_object(
               'run_id', m.chain_id, 'order_id', m.order_id, 'intent_id', m.payload ->> 'intent_id',
               'account_id', c.payload ->> 'account_id', 'client_order_id', m.name,
               'symbol', m.payload ->> 'symbol', 'order_qty', m.payload -> 'order_qty',
               'limit_price_micros', m.payload -> 'limit_price_micros',
               'stop_price_micros', m.payload -> 'stop_price_micros',
               'order_status', l.to_status, 'status_seq', l.history_seq, 'cum_qty', l.cum_qty,
               'working_qty', l.working_qty, 'gap_qty', l.gap_qty, 'pending_op', l.pending_op,
               'created_at', m.reported_at)
           || case m.payload ->> 'leg' when 'STOP' then '{"order_type": "STOP", "time_in_force": "GTC"}'
                   else jsonb_build_object('time_in_force', 'DAY', 'order_type',
                                           coalesce(m.payload ->> 'order_type', 'MARKET')) end
      from made as m
      join audit.events as c on c.chain_id = m.chain_id and c.event_name = 'RUN_CREATED'
      join (select distinct on (h.order_id) h.* from history as h
             order by h.order_id, h.history_seq desc) as l on l.order_id = m.order_id;
$function$;

comment on function replay.fold_orders(uuid, timestamptz) is
$$The orders of a run and their history, as its diary tells them.$$;

create or replace function replay.list_requests(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns setof oms.outbox
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with said as materialized (
        select e.*, (e.payload ->> 'outbox_id')::bigint as outbox_id,
               e.payload ->> 'client_order_id' as name,
               max(e.event_seq) filter (where e.event_name ~ '^RUN_') over (order by e.event_seq)
                   as moved_seq
          from audit.events as e
         where e.chain_id = p_run_id and e.occurred_at <= p_until_at
           and (e.event_name ~ '_ENQUEUED$' or e.event_name in (
                'REQUEST_HELD', 'RUN_CREATED', 'RUN_ARMED', 'RUN_RUNNING', 'RUN_STOPPED', 'RUN_HALTED'))
    ), held as (
        select distinct on (s.outbox_id) s.outbox_id,
               (s.payload ->> 'not_before_at')::timestamptz as not_before_at
          from said as s where s.event_name = 'REQUEST_HELD'
         order by s.outbox_id, s.event_seq desc
    )
    select q.* from said as s
      join said as o on o.event_name = 'ORDER_ENQUEUED' and o.name = s.name
      join said as r on r.event_seq = s.moved_seq
      left join held as h on h.outbox_id = s.outbox_id
     cross join lateral jsonb_populate_record(null::oms.outbox, jsonb_build_object(
               'run_id', s.chain_id, 'outbox_id', s.outbox_id,
               'order_id', core.derive_id(
                   'order', array[s.chain_id::text, o.payload ->> 'intent_id']),
               'request_kind', case s.event_name when 'ORDER_ENQUEUED' then 'SUBMIT'
                                                 else replace(s.event_name, '_ENQUEUED', '') end,
               'lane', case when s.event_name = 'ORDER_ENQUEUED' and r.event_name = 'RUN_HALTED'
                            then 'REDUCING' else 'GATED' end,
               'stop_price_micros', case s.event_name when 'REPLACE_ENQUEUED'
                                         then s.payload -> 'stop_price_micros' end,
               'not_before_at', h.not_before_at,
               'expires_at', coalesce((s.payload ->> 'expires_at')::timestamptz,
                                      s.reported_at + interval '1 day'),
               'enqueued_at', s.reported_at)) as q
     where s.event_name ~ '_ENQUEUED$';
$function$;

comment on function replay.list_requests(uuid, timestamptz) is
$$What was asked of the broker, as the diary tells it; without a status, which replay.fold_outbox adds.
Why: what is planned while the run is halted goes by the reducing lane.$$;

create or replace function replay.fold_outbox(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name text,
    row_data   jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
    with said as materialized (
        select e.*, (e.payload ->> 'outbox_id')::bigint as outbox_id,
               e.event_name ~ '_ENQUEUED$' as is_new
          from audit.events as e
         where e.chain_id = p_run_id and e.occurred_at <= p_until_at
           and e.topic = 'OMS' and (e.event_name ~ '^OUTBOX_' or e.event_name ~ '_ENQUEUED$')
    ), history as (
        select s.chain_id as run_id, s.outbox_id, row_number() over w as history_seq,
               case when s.is_new then 'PENDING' else replace(s.event_name, 'OUTBOX_', '') end
                   as to_status,
               s.actor, coalesce(left(s.payload ->> 'reason', 300), 'enqueued') as reason,
               max(s.reported_at) over w as moved_at, s.reported_at, s.payload, s.event_name, s.event_seq
          from said as s
        window w as (partition by s.outbox_id order by s.event_seq)
    ), stays as (
        select h.*, h.to_status in ('CLAIMED', 'DISPATCHING') as is_taken,
               count(*) filter (where h.to_status not in ('CLAIMED', 'DISPATCHING'))
                   over (partition by h.outbox_id order by h.history_seq) as stay_no
          from history as h
    ), claims as (
        select s.*, first_value(s.reported_at)
                   over (partition by s.outbox_id, s.stay_no, s.is_taken order by s.history_seq) as taken_at
          from stays as s
    )
    select 'oms.outbox_history', to_jsonb(x)
      from (select h.run_id, h.outbox_id, h.history_seq,
                   coalesce(lag(h.to_status) over (partition by h.outbox_id order by h.history_seq),
                            'NONE') as from_status,
                   h.to_status, h.actor, h.reason, h.moved_at
              from history as h) as x
     union all
    select 'oms.outbox', to_jsonb(x)
      from (select distinct on (c.outbox_id) c.run_id, c.outbox_id, o.order_id, o.request_kind, o.lane,
                   c.to_status as outbox_status, c.history_seq as status_seq,
                   case when c.is_taken then c.payload ->> 'worker' end as claimed_by,
                   case when c.is_taken then c.taken_at end as claimed_at,
                   o.stop_price_micros, o.not_before_at, o.expires_at, o.enqueued_at
              from claims as c
              join replay.list_requests(p_run_id, p_until_at) as o using (outbox_id)
             order by c.outbox_id, c.history_seq desc) as x;
$function$;

comment on function replay.fold_outbox(uuid, timestamptz) is
$$The requests of a run and their history, as its diary tells them.$$;

create or replace function replay.fold_inbox(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name text,
    row_data   jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
    with said as materialized (
        select e.* from audit.events as e
         where e.chain_id = p_run_id and e.occurred_at <= p_until_at
           and (e.event_name ~ '^(MESSAGE|COMPARED)_' or e.event_name in (
                'SNAPSHOT_REFUSED', 'TARGET_WAITING', 'TARGET_RESUMED', 'TARGET_DROPPED',
                'ORDER_ENQUEUED'))
    ), waits as (
        select distinct on (s.payload -> 'symbol', s.payload -> 'bar_end_at') s.*,
               first_value(s.reported_at) over w as deferred_at,
               first_value(s.payload ->> 'stop') over w as stop
          from said as s where s.event_name ~ '^TARGET_'
        window w as (partition by s.payload -> 'symbol', s.payload -> 'bar_end_at' order by s.event_seq)
         order by s.payload -> 'symbol', s.payload -> 'bar_end_at', s.event_seq desc
    )
    select 'oms.inbox', jsonb_build_object(
               'run_id', s.chain_id, 'inbox_id', s.payload -> 'inbox_id',
               'broker_message_id', s.payload ->> 'broker_message_id',
               'event_kind', s.payload ->> 'event', 'raw_sha256', s.payload ->> 'raw_sha256',
               'disposition', replace(s.event_name, 'MESSAGE_', ''), 'reason', s.payload ->> 'reason',
               'fill_seq', s.payload -> 'fill_seq')
      from said as s where s.event_name ~ '^MESSAGE_'
     union all
    select 'recon.comparisons', jsonb_build_object(
               'run_id', s.chain_id, 'snapshot_seq', s.payload -> 'snapshot_seq',
               'result_sha256', s.payload ->> 'result_sha256', 'compared_at', s.occurred_at)
      from said as s where s.event_name ~ '^COMPARED_'
     union all
    select 'recon.refusals', jsonb_build_object(
               'run_id', s.chain_id, 'refusal_seq', row_number() over (order by s.event_seq),
               'defect', s.payload ->> 'defect', 'document_sha256', s.payload ->> 'document_sha256',
               'refused_at', s.occurred_at)
      from said as s where s.event_name = 'SNAPSHOT_REFUSED'
     union all
    select 'oms.deferrals', jsonb_build_object(
               'run_id', w.chain_id, 'strategy_id', w.payload ->> 'strategy_id',
               'bar_end_at', (w.payload ->> 'bar_end_at')::timestamptz,
               'symbol', w.payload ->> 'symbol',
               'stop_id', core.derive_id('order', array[w.chain_id::text, o.payload ->> 'intent_id']),
               'outcome', replace(w.event_name, 'TARGET_', ''), 'deferred_at', w.deferred_at)
      from waits as w
      join said as o on o.event_name = 'ORDER_ENQUEUED' and o.payload ->> 'client_order_id' = w.stop;
$function$;

comment on function replay.fold_inbox(uuid, timestamptz) is
$$What came in from the broker and what became of it, each message and snapshot by its digest; and the
targets that waited for a stop: as the diary tells it.$$;

create or replace function replay.match_fill(
    p_lots     ledger.lots[],
    p_fill     ledger.fills,
    p_match_no bigint,
    p_queue_no bigint,
    out lots   ledger.lots[],
    out closes ledger.lot_closes[]
)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_lot   ledger.lots;
    v_close ledger.lot_closes;
    v_left  bigint := p_fill.fill_qty;
    v_part  bigint;
begin
    foreach v_lot in array coalesce(p_lots, '{}') loop
        v_part := ledger.compute_close_qty(v_lot.open_qty, v_left);
        if v_part <> 0 then
            v_close := jsonb_populate_record(null::ledger.lot_closes, to_jsonb(v_lot));
            v_close.fill_seq := p_fill.fill_seq;
            v_close.fill_queue_no := p_queue_no;
            v_close.lot_queue_no := v_lot.queue_no;
            v_close.closed_qty := v_part;
            v_close.cost_micros := div(v_lot.open_cost_micros::numeric * v_part, v_lot.open_qty);
            v_close.exit_price_micros := p_fill.price_micros;
            v_close.realized_micros := v_part * p_fill.price_micros - v_close.cost_micros;
            v_close.closed_at := p_fill.booked_at;
            closes := closes || v_close;
            v_lot.open_qty := v_lot.open_qty - v_part;
            v_lot.open_cost_micros := v_lot.open_cost_micros - v_close.cost_micros;
            v_left := v_left + v_part;
        end if;
        lots := lots || v_lot;
    end loop;
    if v_left <> 0 then
        v_lot := jsonb_populate_record(null::ledger.lots, jsonb_build_object(
            'run_id', p_fill.run_id, 'symbol', p_fill.symbol, 'match_no', p_match_no,
            'lot_seq', p_fill.fill_seq, 'queue_no', p_queue_no, 'opened_qty', v_left,
            'open_qty', v_left, 'entry_price_micros', p_fill.price_micros,
            'open_cost_micros', v_left * p_fill.price_micros, 'split_qty', 0,
            'opened_at', p_fill.booked_at));
        lots := lots || v_lot;
    end if;
end;
$function$;

comment on function replay.match_fill(ledger.lots[], ledger.fills, bigint, bigint) is
$$What a fill makes of the lots of its symbol, oldest first: the lots after it, and what it closed.
Why: as ledger.match_lots, by the same ledger.compute_close_qty, without a table.$$;

create or replace function replay.match_split(
    p_lots       ledger.lots[],
    p_adjustment ledger.adjustments,
    p_match_no   bigint,
    out lots       ledger.lots[],
    out split      ledger.splits,
    out lot_splits ledger.lot_splits[]
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with made as materialized (
        select l.*, s.to_qty, s.to_cost_micros, s.from_qty, s.from_cost_micros, s.lot_seq as split_lot
          from unnest(p_lots) as l
          left join ledger.list_lot_splits(
               p_lots, p_adjustment.ratio_num, p_adjustment.ratio_den) as s using (lot_seq)
    ), held as (
        select coalesce(sum(m.from_qty), 0)::bigint as qty,
               coalesce(sum(m.from_cost_micros - m.to_cost_micros), 0)::bigint as cost,
               mod(coalesce(sum(m.from_qty), 0) * p_adjustment.ratio_num, p_adjustment.ratio_den) as rest
          from made as m
    ), paid as (
        select h.*, case when h.rest = 0 then 0
                         else floor(h.rest * p_adjustment.reference_micros / p_adjustment.ratio_num) end
                    ::bigint as cash
          from held as h
    )
    select (select array_agg(jsonb_populate_record(l, jsonb_build_object(
                       'open_qty', m.to_qty, 'open_cost_micros', m.to_cost_micros,
                       'split_qty', l.split_qty + m.to_qty - m.from_qty,
                       'split_seq', p_adjustment.adjustment_seq)) order by l.queue_no)
              from unnest(p_lots) as l join made as m using (lot_seq) where m.split_lot is not null),
           jsonb_populate_record(null::ledger.splits, to_jsonb(p_adjustment) || jsonb_build_object(
               'match_no', p_match_no, 'held_qty', p.qty, 'cost_micros', p.cost,
               'cash_micros', p.cash, 'realized_micros', p.cash - p.cost,
               'new_qty', div(p.qty::numeric * p_adjustment.ratio_num, p_adjustment.ratio_den))),
           (select array_agg(jsonb_populate_record(null::ledger.lot_splits, to_jsonb(m)
                       || jsonb_build_object('adjustment_seq', p_adjustment.adjustment_seq)))
              from made as m where m.split_lot is not null)
      from paid as p;
$function$;

comment on function replay.match_split(ledger.lots[], ledger.adjustments, bigint) is
$$What a split makes of the open lots of its symbol, by ledger.list_lot_splits: the lots after it, the
position's row, and each lot's.
Why: as ledger.split_lots, without a table. Lots that were closed before are not in the array given back.$$;

create or replace function replay.match_symbol(
    p_fills       ledger.fills[],
    p_adjustments ledger.adjustments[],
    p_match_no    bigint,
    out lots   ledger.lots[],
    out rows   jsonb
)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_event record;
    v_fill  record;
    v_split record;
    v_queue bigint := 0;
begin
    rows := '[]';
    for v_event in
        select e.* from (
            select f.executed_at as at, 1 as nth, f.execution_id as name, f as fill,
                   null::ledger.adjustments as split
              from unnest(p_fills) as f
             union all
            select a.effective_at, 0, a.action_id::text, null::ledger.fills, a
              from unnest(p_adjustments) as a) as e
         order by e.at, e.nth, e.name collate "C"
    loop
        v_queue := v_queue + v_event.nth;
        if v_event.nth = 1 then
            v_fill := replay.match_fill(lots, v_event.fill, p_match_no, v_queue);
            rows := rows || replay.list_rows('ledger.lot_closes', to_jsonb(v_fill.closes))
                         || replay.list_rows('ledger.lots', to_jsonb(v_fill.lots), true);
            lots := array(select l from unnest(v_fill.lots) as l where l.open_qty <> 0
                           order by l.queue_no);
        else
            v_split := replay.match_split(lots, v_event.split, p_match_no);
            rows := rows || replay.list_rows('ledger.splits', jsonb_build_array(v_split.split))
                         || replay.list_rows('ledger.lot_splits', to_jsonb(v_split.lot_splits))
                         || replay.list_rows('ledger.lots', to_jsonb(v_split.lots), true);
            lots := array(select l from unnest(v_split.lots) as l where l.open_qty <> 0
                           order by l.queue_no);
        end if;
    end loop;
end;
$function$;

comment on function replay.match_symbol(ledger.fills[], ledger.adjustments[], bigint) is
$$Matches the standing fills and the splits of a symbol from the beginning, by the time of execution: the
lots that stay open, and rows ([{table_name, row_data}]) of what was closed, split and closed up.
Why: as ledger.rematch_lots, in the same order, without a table.$$;

create or replace function replay.list_standing(
    p_fills ledger.fills[],
    p_fill  ledger.fills
)
returns ledger.fills[]
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select case when p_fill.fill_seq is null then p_fills
                when p_fill.reverses_seq is null then p_fills || p_fill
                else array(select f from unnest(p_fills) as f
                            where f.fill_seq <> p_fill.reverses_seq order by f.fill_seq) end;
$function$;

comment on function replay.list_standing(ledger.fills[], ledger.fills) is
$$The fills that stand once p_fill is booked: one more, or one less if it takes one back.$$;

create or replace function replay.is_newest(
    p_fills  ledger.fills[],
    p_splits ledger.adjustments[],
    p_fill   ledger.fills
)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select not exists (
        select from unnest(p_fills) as f
         where f.executed_at > p_fill.executed_at
            or f.executed_at = p_fill.executed_at
               and f.execution_id collate "C" > p_fill.execution_id)
       and not exists (
        select from unnest(p_splits) as s where s.effective_at > p_fill.executed_at);
$function$;

comment on function replay.is_newest(ledger.fills[], ledger.adjustments[], ledger.fills) is
$$Whether nothing that stands came after a fill, and no split: as ledger.is_newest_fill.$$;

create or replace function replay.list_bookings(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    event_seq  bigint,
    event_name text,
    symbol     text,
    fill       ledger.fills,
    adjustment ledger.adjustments
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select e.event_seq, e.event_name, e.payload ->> 'symbol',
           case when e.event_name ~ '^(FILL|REVERSAL|CORRECTION)_BOOKED$'
                then jsonb_populate_record(null::ledger.fills, e.payload || jsonb_build_object(
                    'run_id', e.chain_id, 'account_id', c.payload ->> 'account_id',
                    'booked_at', e.reported_at)) end,
           case when e.event_name = 'ACTION_APPLIED'
                then jsonb_populate_record(null::ledger.adjustments, e.payload || jsonb_build_object(
                    'run_id', e.chain_id, 'applied_at', e.reported_at)) end
      from audit.events as e
      join audit.events as c on c.chain_id = e.chain_id and c.event_name = 'RUN_CREATED'
     where e.chain_id = p_run_id and e.occurred_at <= p_until_at and e.topic = 'LEDGER'
       and e.event_name in ('FILL_BOOKED', 'REVERSAL_BOOKED', 'CORRECTION_BOOKED', 'ACTION_APPLIED');
$function$;

comment on function replay.list_bookings(uuid, timestamptz) is
$$The fills and corporate actions that a run's diary tells of, as the rows that they made.$$;

create or replace function replay.list_records(
    p_event_seq bigint,
    p_rows      jsonb
)
returns table (
    event_seq  bigint,
    table_name text,
    row_data   jsonb
)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select p_event_seq, r.table_name, r.row_data
      from jsonb_to_recordset(p_rows) as r (table_name text, row_data jsonb);
$function$;

comment on function replay.list_records(bigint, jsonb) is
$$What replay.list_rows made, as records.$$;

create or replace function replay.describe_entry(
    p_fill       ledger.fills,
    p_adjustment ledger.adjustments,
    p_held       ledger.positions,
    p_match_no   bigint,
    p_lots       ledger.lots[],
    p_lieu       bigint,
    p_rows       jsonb
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
    with is_now as (
        select (select coalesce(sum(l.open_qty), 0) from unnest(p_lots) as l)::bigint as qty,
               (select coalesce(sum(l.open_cost_micros), 0) from unnest(p_lots) as l)::bigint as cost,
               case when p_match_no = coalesce(p_held.match_no, 1)
                    then coalesce(p_held.realized_micros, 0) else 0 end
               + coalesce(sum((r.row_data ->> 'realized_micros')::bigint) filter (
                     where r.table_name in ('ledger.lot_closes', 'ledger.splits')), 0)::bigint as realized,
               case when p_match_no = coalesce(p_held.match_no, 1) then p_lieu else 0 end
               + coalesce(sum((r.row_data ->> 'cash_micros')::bigint) filter (
                     where r.table_name = 'ledger.splits'), 0)::bigint as lieu
          from jsonb_to_recordset(p_rows) as r (table_name text, row_data jsonb)
    )
    select jsonb_build_object(
               'run_id', coalesce(p_fill.run_id, p_adjustment.run_id),
               'entry_kind', case when p_fill.fill_seq is null then 'SPLIT'
                                  when p_fill.reverses_seq is null then 'FILL' else 'REVERSAL' end,
               'fill_seq', p_fill.fill_seq, 'adjustment_seq', p_adjustment.adjustment_seq,
               'symbol', p.symbol, 'qty_delta', n.qty - coalesce(p_held.position_qty, 0),
               'cash_delta_micros', coalesce(-p_fill.fill_qty * p_fill.price_micros
                                             - p_fill.fee_micros, 0) + n.lieu - p_lieu,
               'cost_delta_micros', n.cost - coalesce(p_held.cost_micros, 0),
               'realized_delta_micros', n.realized - coalesce(p_held.realized_micros, 0),
               'fee_delta_micros', coalesce(p_fill.fee_micros, 0), 'booked_at', p.booked_at,
               'lieu', n.lieu, 'position', jsonb_build_object(
                   'run_id', coalesce(p_fill.run_id, p_adjustment.run_id), 'symbol', p.symbol,
                   'match_no', p_match_no, 'position_qty', n.qty, 'cost_micros', n.cost,
                   'realized_micros', n.realized, 'changed_at', p.booked_at))
      from is_now as n
     cross join (select coalesce(p_fill.symbol, p_adjustment.symbol) as symbol,
                        coalesce(p_fill.booked_at, p_adjustment.applied_at) as booked_at) as p;
$function$;

comment on function replay.describe_entry(
    ledger.fills, ledger.adjustments, ledger.positions, bigint, ledger.lots[], bigint, jsonb) is
$$What a booking changed, and the position after it (position; lieu: cash in lieu of its matching). A new
matching counts from zero.$$;

create or replace function replay.fold_symbol(
    p_run_id   uuid,
    p_symbol   text,
    p_until_at timestamptz
)
returns table (
    event_seq  bigint,
    table_name text,
    row_data   jsonb
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
declare
    v_at     record;
    v_fills  ledger.fills[] := '{}';
    v_splits ledger.adjustments[] := '{}';
    v_lots   ledger.lots[] := '{}';
    v_moved  record;
    v_held   ledger.positions;
    v_no     bigint;
    v_lieu   bigint := 0;
    v_rows   jsonb;
begin
    for v_at in
        select b.* from replay.list_bookings(p_run_id, p_until_at) as b
         where b.symbol = p_symbol and coalesce((b.adjustment).action_kind, 'SPLIT') = 'SPLIT'
         order by b.event_seq
    loop
        event_seq := v_at.event_seq;
        v_fills := replay.list_standing(v_fills, v_at.fill);
        if v_at.event_name <> 'ACTION_APPLIED' and (v_at.fill).reverses_seq is null
           and replay.is_newest(v_fills, v_splits, v_at.fill)
        then
            v_no := coalesce(v_held.match_no, 1);
            v_moved := replay.match_fill(v_lots, v_at.fill, v_no, (v_at.fill).fill_seq);
            v_rows := replay.list_rows('ledger.lot_closes', to_jsonb(v_moved.closes))
                      || replay.list_rows('ledger.lots', to_jsonb(v_moved.lots), true);
        else
            v_splits := v_splits || array_remove(array[v_at.adjustment], null);
            v_no := coalesce(v_held.match_no, 0) + 1;
            v_moved := replay.match_symbol(v_fills, v_splits, v_no);
            v_rows := v_moved.rows || replay.list_rows('ledger.lots', to_jsonb(v_lots));
        end if;
        v_lots := array(select l from unnest(v_moved.lots) as l where l.open_qty <> 0
                         order by l.queue_no);
        return query select r.* from replay.list_records(v_at.event_seq, v_rows) as r;
        table_name := 'ledger.entries';
        row_data := replay.describe_entry(v_at.fill, v_at.adjustment, v_held, v_no, v_lots, v_lieu, v_rows);
        v_lieu := (row_data ->> 'lieu')::bigint;
        v_held := jsonb_populate_record(v_held, row_data -> 'position');
        return next;
    end loop;
    v_rows := replay.list_rows('ledger.lots', to_jsonb(v_lots))
              || replay.list_rows('ledger.positions', jsonb_build_array(v_held));
    return query select r.* from replay.list_records(null, v_rows) as r
      where v_held.run_id is not null;
end;
$function$;

comment on function replay.fold_symbol(uuid, text, timestamptz) is
$$Position, lots, closes and splits of one symbol, and what each booking changed (ledger.entries, without
balances), as the fills and splits of the run's diary make them.
Why: the rules of ledger.post_entry: what is newest goes on with the lots that stand, all else is matched
anew.$$;

create or replace function replay.list_entries(
    p_deltas jsonb
)
returns setof ledger.entries
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    with deltas as (
        select d.nth, e.*
          from jsonb_array_elements(p_deltas) with ordinality as d (value, nth)
         cross join lateral jsonb_populate_record(null::ledger.entries,
               '{"qty_delta": 0, "deposit_delta_micros": 0, "cash_delta_micros": 0,
                 "cost_delta_micros": 0, "realized_delta_micros": 0, "fee_delta_micros": 0,
                 "income_delta_micros": 0}'::jsonb || d.value) as e
    )
    select e.*
      from (select to_jsonb(d) || jsonb_build_object(
                       'entry_seq', d.nth,
                       'deposits_micros', sum(d.deposit_delta_micros) over w,
                       'cash_micros', sum(d.cash_delta_micros) over w,
                       'cost_micros', sum(d.cost_delta_micros) over w,
                       'realized_micros', sum(d.realized_delta_micros) over w,
                       'fees_micros', sum(d.fee_delta_micros) over w,
                       'income_micros', sum(d.income_delta_micros) over w) as value
              from deltas as d
            window w as (order by d.nth)) as b
     cross join lateral jsonb_populate_record(null::ledger.entries, b.value) as e;
$function$;

comment on function replay.list_entries(jsonb) is
$$Entries with their numbers and the balances after each, from what each changes, in order.$$;

create or replace function replay.fold_books(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name text,
    row_data   jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
    with booked as materialized (
        select b.* from replay.list_bookings(p_run_id, p_until_at) as b
    ), folded as materialized (
        select f.* from (select distinct b.symbol from booked as b) as s
         cross join lateral replay.fold_symbol(p_run_id, s.symbol, p_until_at) as f
    ), said as (
        select f.event_seq, f.row_data from folded as f where f.table_name = 'ledger.entries'
         union all
        select e.event_seq, jsonb_build_object(
                   'run_id', e.chain_id, 'entry_kind', 'DEPOSIT', 'booked_at', e.reported_at,
                   'deposit_delta_micros', e.payload -> 'cash_micros',
                   'cash_delta_micros', e.payload -> 'cash_micros')
          from audit.events as e
         where e.chain_id = p_run_id and e.occurred_at <= p_until_at
           and e.event_name = 'PORTFOLIO_OPENED'
         union all
        select e.event_seq, jsonb_build_object(
                   'run_id', e.chain_id, 'entry_kind', 'DIVIDEND', 'booked_at', e.reported_at,
                   'adjustment_seq', (b.adjustment).adjustment_seq, 'symbol', b.symbol,
                   'cash_delta_micros', (b.adjustment).held_qty * (b.adjustment).amount_micros,
                   'income_delta_micros', (b.adjustment).held_qty * (b.adjustment).amount_micros)
          from audit.events as e
          join booked as b on (b.adjustment).action_id::text = e.payload ->> 'action_id'
         where e.chain_id = p_run_id and e.occurred_at <= p_until_at
           and e.event_name = 'DIVIDEND_BOOKED'
    ), entries as (
        select b.* from replay.list_entries(
               (select jsonb_agg(s.row_data order by s.event_seq) from said as s)) as b
    )
    select f.table_name, f.row_data from folded as f where f.table_name <> 'ledger.entries'
     union all
    select 'ledger.fills', to_jsonb(b.fill) from booked as b where (b.fill).fill_seq is not null
     union all
    select 'ledger.adjustments', to_jsonb(b.adjustment) from booked as b
     where (b.adjustment).adjustment_seq is not null
     union all
    select 'ledger.entries', to_jsonb(e) from entries as e
     union all
    (select 'ledger.portfolios', jsonb_build_object(
                'run_id', e.run_id, 'entry_seq', e.entry_seq, 'deposits_micros', e.deposits_micros,
                'cash_micros', e.cash_micros, 'cost_micros', e.cost_micros,
                'realized_micros', e.realized_micros, 'fees_micros', e.fees_micros,
                'income_micros', e.income_micros)
       from entries as e order by e.entry_seq desc limit 1);
$function$;

comment on function replay.fold_books(uuid, timestamptz) is
$$Fills, entries, balances, positions, lots, closes, corporate actions and splits of a run, as the bookings
that its diary tells of make them.$$;

create or replace function replay.fold_all(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name text,
    row_key    text,
    row_data   jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select p.table_name,
           (select string_agg(f.row_data ->> k.name, ' ' order by k.nth)
              from unnest(p.key_columns) with ordinality as k (name, nth)),
           f.row_data - p.left_out
      from (select * from replay.fold_run(p_run_id, p_until_at)
             union all
            select * from replay.fold_workers(p_run_id, p_until_at)
             union all
            select * from replay.fold_gates(p_run_id, p_until_at)
             union all
            select * from replay.fold_halts(p_run_id, p_until_at)
             union all
            select * from replay.fold_decisions(p_run_id, p_until_at)
             union all
            select * from replay.fold_limits(p_run_id, p_until_at)
             union all
            select * from replay.fold_orders(p_run_id, p_until_at)
             union all
            select * from replay.fold_outbox(p_run_id, p_until_at)
             union all
            select * from replay.fold_inbox(p_run_id, p_until_at)
             union all
            select * from replay.fold_books(p_run_id, p_until_at)) as f
      join replay.list_left_out() as p using (table_name);
$function$;

comment on function replay.fold_all(uuid, timestamptz) is
$$Every row of state of a run as its diary up to p_until_at makes it, instants in UTC.
Why: state is a fold of the log; what cannot be folded is not state (replay.places).$$;

create or replace function replay.list_stored(
    p_run_id uuid
)
returns table (
    table_name text,
    row_key    text,
    row_data   jsonb
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
declare
    v_place record;
begin
    for v_place in select p.* from replay.list_left_out() as p order by p.table_name loop
        table_name := v_place.table_name;
        for row_data in
            execute format('select to_jsonb(t) from %s as t where t.run_id = $1',
                           to_regclass(v_place.table_name))
            using p_run_id
        loop
            row_key := (select string_agg(row_data ->> k.name, ' ' order by k.nth)
                          from unnest(v_place.key_columns) with ordinality as k (name, nth));
            row_data := row_data - v_place.left_out;
            return next;
        end loop;
    end loop;
end;
$function$;

comment on function replay.list_stored(uuid) is
$$Every row of state of a run as it is stored, with the columns that are compared, instants in UTC.
Why: read by the catalog, so that a column that nobody folds makes a difference.$$;

create or replace function replay.format_difference(
    p_row_key text,
    p_stored  jsonb,
    p_folded  jsonb
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select p_row_key || ': ' || case
        when p_folded is null then 'stored, and the diary knows nothing of it'
        when p_stored is null then 'in the diary, and not stored'
        else (select string_agg(format('%s %s, replayed %s', c.name, coalesce(p_stored ->> c.name, 'null'),
                                       coalesce(p_folded ->> c.name, 'null')), '; ' order by c.name)
                from (select jsonb_object_keys(p_stored || p_folded)) as c (name)
               where p_stored -> c.name is distinct from p_folded -> c.name) end;
$function$;

comment on function replay.format_difference(text, jsonb, jsonb) is
$$What differs between a row as stored and as folded, by column; null: there is no such row.$$;

create or replace function replay.list_digests(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name      text,
    stored_rows     bigint,
    replayed_rows   bigint,
    stored_digest   text,
    replayed_digest text,
    difference      text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with rows as materialized (
        select coalesce(s.table_name, f.table_name) as table_name,
               coalesce(s.row_key, f.row_key) collate "C" as row_key,
               s.row_data as stored, f.row_data as folded
          from (select * from replay.list_stored(p_run_id) where p_until_at is null) as s
          full join replay.fold_all(p_run_id, coalesce(p_until_at, 'infinity')) as f
            on (f.table_name, f.row_key) = (s.table_name, s.row_key)
    )
    select p.table_name, count(r.stored), count(r.folded),
           core.hash_text(coalesce(string_agg(r.stored::text, e'\n' order by r.row_key), '')),
           core.hash_text(coalesce(string_agg(r.folded::text, e'\n' order by r.row_key), '')),
           (array_agg(replay.format_difference(r.row_key, r.stored, r.folded) order by r.row_key)
            filter (where r.stored is distinct from r.folded))[1]
      from replay.places as p
      left join rows as r using (table_name)
     where p.place = 'STATE'
     group by p.table_name;
$function$;

comment on function replay.list_digests(uuid, timestamptz) is
$$Each table of a run's state: rows and SHA-256 as stored and as folded, and the first row that differs.
Why: the digests are those of the rows' jsonb texts in the order of their keys' bytes: no collation and no
time zone is in them.$$;

create or replace function replay.compare_run(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name      text,
    stored_rows     bigint,
    replayed_rows   bigint,
    stored_digest   text,
    replayed_digest text,
    is_equal        boolean,
    difference      text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with tables as materialized (
        select d.* from replay.list_digests(p_run_id, p_until_at) as d
    ), sums as (
        select t.* from tables as t
         union all
        select 'ALL', sum(t.stored_rows), sum(t.replayed_rows),
               core.hash_text(string_agg(t.table_name || ' ' || t.stored_digest, e'\n'
                                         order by t.table_name collate "C")),
               core.hash_text(string_agg(t.table_name || ' ' || t.replayed_digest, e'\n'
                                         order by t.table_name collate "C")), null
          from tables as t
         union all
        select 'audit.events', c.last_seq, c.last_seq, c.last_hash,
               case when v.event_seq is null then c.last_hash else '' end,
               format('event %s: %s', v.event_seq, v.finding)
          from audit.chains as c
          left join lateral (
               select b.* from audit.verify_chain(c.chain_id) as b limit 1) as v on true
         where c.chain_id = p_run_id
    )
    select s.table_name, case when p_until_at is null then s.stored_rows end, s.replayed_rows,
           case when p_until_at is null then s.stored_digest end, s.replayed_digest,
           case when p_until_at is null or s.table_name = 'audit.events'
                then s.stored_digest = s.replayed_digest end,
           case when s.stored_digest <> s.replayed_digest
                     and (p_until_at is null or s.table_name = 'audit.events') then s.difference end
      from sums as s
     order by s.table_name = 'ALL', s.table_name collate "C";
$function$;

comment on function replay.compare_run(uuid, timestamptz) is
$$As replay.list_digests, with the diary's own chain, and last the digest of all. With p_until_at: the
state of then, which nothing is stored of; the chain is looked at all the same.
Why: what is only in the tables and not in the diary did not happen.$$;

create or replace function replay.list_folded(
    p_run_id     uuid,
    p_table_name text,
    p_until_at   timestamptz
)
returns table (
    row_key  text,
    row_data jsonb
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
begin
    perform core.assert_that(
        exists (select from replay.places as p
                 where p.table_name = p_table_name and p.place = 'STATE'), 'MQA02',
        'a table of state, not ' || coalesce(p_table_name, 'null'));
    return query
    select f.row_key, f.row_data
      from replay.fold_all(p_run_id, coalesce(p_until_at, 'infinity')) as f
     where f.table_name = p_table_name
     order by f.row_key collate "C";
end;
$function$;

comment on function replay.list_folded(uuid, text, timestamptz) is
$$The rows of one table of state as the diary up to p_until_at (null: all of it) makes them.
Raises: MQA02 not a table of state.$$;

create or replace function replay.list_log(
    p_run_id uuid
)
returns table (
    line text
)
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
    select l.line
      from (select 1 as part, e.event_seq as nth, '' as name, jsonb_build_object(
                       'kind', 'event', 'chain_id', e.chain_id, 'event_seq', e.event_seq,
                       'prev_hash', e.prev_hash, 'occurred_at', e.occurred_at,
                       'reported_at', e.reported_at, 'actor', e.actor, 'topic', e.topic,
                       'event_name', e.event_name, 'payload', e.payload::text,
                       'event_hash', e.event_hash)::text as line
              from audit.events as e where e.chain_id = p_run_id
             union all
            select 2, p.point_seq, '', jsonb_build_object(
                       'kind', 'point', 'session_on', p.session_on, 'equity_micros', p.equity_micros,
                       'gross_micros', p.gross_micros, 'marked_at', p.marked_at)::text
              from ledger.equity_points as p where p.run_id = p_run_id
             union all
            select 3, 0, t.table_name, jsonb_build_object(
                       'kind', 'table', 'table_name', t.table_name, 'rows', t.stored_rows,
                       'digest', t.stored_digest)::text
              from replay.compare_run(p_run_id, null) as t) as l
     order by l.part, l.nth, l.name collate "C";
$function$;

comment on function replay.list_log(uuid) is
$$The log of a run, a JSON object a line: its diary (payload as the text that is hashed), the points of its
equity, and at the end the digests of its stored state.
Why: who trusts neither this program nor this database folds the lines anew, with a program of their own.$$;

create or replace trigger _900_refuse_change before update or delete on replay.places
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on replay.places
for each statement execute function core.tg_refuse_change();

commit;
