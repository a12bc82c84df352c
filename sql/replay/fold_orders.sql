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
