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
