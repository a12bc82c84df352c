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
