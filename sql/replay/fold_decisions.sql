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
